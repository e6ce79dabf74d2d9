"""The order of served rows, and the token bucket."""

from sandbox.vendors.limits import Bucket
from sandbox.vendors.stream import Patch, Raw, Row, Stream


def numbers(rows: list[Row]) -> list[str]:
    return [row.key for row in rows]


def stream() -> Stream:
    return Stream("s", [Row(2, "b", {"n": 2}), Row(1, "a", {"n": 1}), Row(2, "c", {"n": 3})])


def test_pages_follow_each_other_without_gap_or_repeat() -> None:
    rows = stream()
    first = rows.since(0, limit=2)
    rest = rows.since(first[-1].at, after_key=first[-1].key)
    assert numbers(first) + numbers(rest) == ["a", "b", "c"]
    assert numbers(rows.since(2)) == ["b", "c"]
    assert numbers(rows.since(0, until=2)) == ["a"]


def test_backwards() -> None:
    rows = stream()
    assert numbers(rows.before(None, limit=2)) == ["c", "b"]
    assert numbers(rows.before(2, before_key="b", limit=9)) == ["a"]


def test_a_changed_row_is_found_again_and_only_once() -> None:
    rows = stream()
    rows.move("a", 5)
    assert numbers(rows.since(0)) == ["b", "c", "a"]
    rows.put(Row(1, "c", {"n": 9}))
    assert numbers(rows.since(0)) == ["c", "b", "a"]
    assert rows.newest == 5


def test_every_change_moves_the_version() -> None:
    rows = stream()
    seen = [rows.version]
    rows.move("a", 7)
    seen.append(rows.version)
    rows.put(Row(8, "d", {}))
    seen.append(rows.version)
    rows.patch("d", Patch({"x": 1}))
    seen.append(rows.version)
    assert len(set(seen)) == 4


def test_children_stay_current() -> None:
    parents = stream()
    nested = Stream("n", [Row(1, "k", {"id": 1}, parent="a")], parent=parents)
    held = nested.children("a")
    nested.put(Row(2, "m", Raw(id=2), parent="a"))
    nested.put(Row(3, "k", {"id": 3}, parent="a"))
    assert sorted(one["id"] for one in held) == [2, 3]


def test_a_patch_changes_what_is_served_not_what_is_kept() -> None:
    rows = stream()
    rows.patch("a", Patch({"n": "x"}, ("gone",)))
    kept = rows.get("a")
    assert kept is not None
    assert rows.emit(kept.payload) == {"n": "x"}
    assert kept.payload == {"n": 1}


def test_bucket() -> None:
    clock = [0.0]
    bucket = Bucket(2, 1, clock=lambda: clock[0])
    assert bucket.take() and bucket.take() and not bucket.take()
    assert bucket.wait() == 1
    clock[0] = 1.0
    assert bucket.take() and not bucket.take()
    bucket.give_back(5)
    assert bucket.available == 2
