"""Values that a mapping makes of columns: paths into JSON, the first of several, words for words, rows for entries."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from orchestration.sources.errors import SourceError
from orchestration.sources.file_mapping import read_mapping
from orchestration.sources.file_values import Path as Place
from orchestration.sources.file_values import locate
from orchestration.sources.files import KINDS, _read, parts

EVENT = {
    "glob": "events.*",
    "stream": "events",
    "source": "web",
    "entity": "event",
    "kind": "interactions",
    "id": "id",
    "person": "who",
    "person_entity": "client",
    "fields": {},
}


def read(folder: Path, name: str, text: str, *entries: dict[str, Any]) -> list[dict[str, Any]]:
    """The payloads of a file's rows; what became of the rows is kept under `told`."""
    (folder / "mapping.yml").write_text(yaml.safe_dump({"files": list(entries)}))
    (folder / name).write_text(text)
    found: list[dict[str, Any]] = []
    for kind in KINDS:
        for part in parts(folder, read_mapping(folder).files, kind):
            for table in _read(part, {place for place, _ in part.entries}):
                if isinstance(table, pa.Table):
                    found += [json.loads(row["payload"]) for row in table.to_pylist()]
                else:
                    found += [{"told": row["payload"]} for row in table.data]
    return found


def one(tmp_path: Path, row: dict[str, Any], fields: dict[str, Any], **changes: Any) -> dict[str, Any]:
    text = json.dumps({"id": "1", "who": "w"} | row) + "\n"
    return read(tmp_path, "events.jsonl", text, EVENT | {"fields": fields} | changes)[0]


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("a.b", Place("a.b")),
        ("c.d.e", Place("c", ("d", "e"))),
        ("c[0].e", Place("c", (0, "e"))),
        ("c[].e", Place("c", (None, "e"))),
        ("c.list[key]", Place("c", ("list",), "key")),
        ("c[key].e", None),
        ("cc.d", None),
        ("c.", None),
        ("c[0", None),
    ],
)
def test_where_a_name_leads(name: str, place: Place | None) -> None:
    assert locate(name, ["a.b", "a", "c"]) == place


def test_paths_into_json(tmp_path: Path) -> None:
    row = {
        "order": {"id": 7, "lines": [{"sku": "A"}, {"sku": "B"}]},
        "params": [
            {"key": "n", "value": {"int_value": "5"}},
            {"key": "s", "value": {"string_value": "five"}},
            {"key": "d", "value": {"double_value": 0.5}},
        ],
        "notes": [{"name": "gift", "value": "yes"}],
        "mails": [{"original": "A@x.com"}, {"original": "b@x.com"}, {}],
    }
    fields = {
        "reference_id": "order.id",
        "product_id": "order.lines[1].sku",
        "quantity": "params[n]",
        "subject": "params[s]",
        "amount": "params[d]",
        "topic": "params[none]",
        "body": "notes[gift]",
        "emails": "mails[].original",
        "team": "order.nobody.home",
    }
    found = one(tmp_path, row, fields)
    assert {name: found[name] for name in fields} == {
        "reference_id": "7",
        "product_id": "B",
        "quantity": "5",
        "subject": "five",
        "amount": "0.5",
        "topic": None,
        "body": "yes",
        "emails": ["A@x.com", "b@x.com"],
        "team": None,
    }


def test_a_path_into_what_is_no_json_is_nothing(tmp_path: Path) -> None:
    found = one(tmp_path, {"a": "text", "b": "[cut off"}, {"subject": "a.b", "body": "b[key]", "emails": "a[].x"})
    assert (found["subject"], found["body"], found["emails"]) == (None, None, [])


def test_first_joined_and_translated(tmp_path: Path) -> None:
    network = {"column": "network", "values": {"Twitter": "x", "none": None}}
    fields = {
        "subject": {"first": ["blank", "missing", "note", {"value": "never"}]},
        "reference_id": {"join": ["a", "blank", "b"], "with": "-"},
        "channel": network,
        "kind": {"column": "network", "values": {"fax": "message"}, "otherwise": "mention"},
        "topic": {"column": "blank", "values": {"fax": "message"}, "otherwise": "mention"},
        "handles": {"prefix": network, "columns": ["user"]},
        "external_ids": {"shop:user": ["u1", "u2"]},
    }
    row = {"blank": " ", "note": "hello", "a": 1, "b": 2, "network": "TWITTER", "user": "ada", "u1": 7, "u2": None}
    found = one(tmp_path, row, fields)
    assert {name: found[name] for name in fields} == {
        "subject": "hello",
        "reference_id": "1-2",
        "channel": "x",
        "kind": "mention",
        "topic": None,
        "handles": ["x:ada"],
        "external_ids": ["shop:user:7"],
    }
    assert one(tmp_path, row | {"network": "none"}, fields)["handles"] == []
    assert one(tmp_path, row | {"network": "Mastodon"}, fields)["channel"] == "Mastodon"


@pytest.mark.parametrize(
    ("pattern", "number", "moment"),
    [
        ("epoch_s", "1769853600", "2026-01-31T10:00:00.000000Z"),
        ("epoch_s", 1769853600.25, "2026-01-31T10:00:00.250000Z"),
        ("epoch_ms", 1769853600123, "2026-01-31T10:00:00.123000Z"),
        ("epoch_us", "1769853600123456", "2026-01-31T10:00:00.123456Z"),
        ("epoch_us", "soon", "soon"),
        ("epoch_s", "99999999999999999999999999999", "99999999999999999999999999999"),
    ],
)
def test_times_that_are_numbers(tmp_path: Path, pattern: str, number: object, moment: str) -> None:
    found = one(tmp_path, {"at": number}, {"occurred_at": "at"}, formats={"occurred_at": pattern})
    assert found["occurred_at"] == moment


def test_the_person_is_the_first_that_is_named(tmp_path: Path) -> None:
    assert (
        one(tmp_path, {"who": "", "mail": "a@x.com"}, {}, person=["who", "mail"])["record_id"] == "web:client:a@x.com"
    )
    assert one(tmp_path, {"who": ""}, {})["record_id"] is None
    assert "is_device" not in one(tmp_path, {}, {})
    assert one(tmp_path, {}, {}, person_is="device")["is_device"] is True


def test_one_file_feeds_several_entries_and_what_none_takes_is_counted(tmp_path: Path) -> None:
    text = "id,what,who,name\n1,visit,w,\n2,view,w,\n3,scroll,w,\n4,,w,\n5,person,w,Ada\n1,view\n"
    visits = EVENT | {"where": {"what": "visit"}}
    views = EVENT | {"stream": "views", "entity": "view", "where": {"what": ["view", "look"]}}
    members = {key: EVENT[key] for key in ("glob", "source", "id")} | {
        "stream": "members",
        "entity": "member",
        "kind": "people",
        "where": {"name": {"present": True}},
        "fields": {"full_name": "name"},
    }
    found = read(tmp_path, "events.csv", text, visits, views, members)
    assert [(row["stream"], row["native_id"]) for row in found if "native_id" in row] == [
        ("members", "5"),
        ("events", "1"),
        ("views", "2"),
    ]
    assert [row["told"] for row in found if "told" in row] == [{"rows": 5, "rows_taken": 3, "rows_left_out": 2}]
    assert [row["line"] for row in found if "line" in row] == ["1,view"], "an unreadable line is kept once"
    rest = EVENT | {"stream": "rest", "where": {"what": {"not": ["visit", "view"]}}}
    assert len([row for row in read(tmp_path, "events.csv", text, rest) if row.get("stream") == "rest"]) == 4


def test_a_list_becomes_rows(tmp_path: Path) -> None:
    rows = [{"id": "1", "items": [{"sku": "A"}, {"sku": "B"}]}, {"id": "2", "items": []}, {"id": "3"}]
    entry = EVENT | {
        "person": "id",
        "explode": "items",
        "id": {"join": ["id", "items#"], "with": "/"},
        "fields": {"product_id": "items.sku"},
        "rest": "drop",
    }
    found = read(tmp_path, "events.jsonl", "".join(json.dumps(row) + "\n" for row in rows), entry)
    taken = sorted((row["native_id"], row["product_id"]) for row in found if "native_id" in row)
    assert taken == [("1/1", "A"), ("1/2", "B"), ("2", None), ("3", None)]


def test_a_column_that_may_be_missing(tmp_path: Path) -> None:
    fields = {"subject": "note", "body": "extra.text", "emails": ["mail"], "external_ids": {"a:b": "user"}}
    found = one(tmp_path, {}, fields, optional=["note", "extra", "mail", "user"])
    assert (found["subject"], found["body"], found["emails"], found["external_ids"]) == (None, None, [], [])
    with pytest.raises(SourceError, match=r"no column 'note', which the mapping names at fields\.subject"):
        one(tmp_path, {}, fields)
    with pytest.raises(
        SourceError, match=r"no column 'knd', which the mapping names at where\.knd; did you mean 'kind'"
    ):
        one(tmp_path, {"kind": "a"}, {}, where={"knd": "a"})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"where": "visit"}, "files.0.where: give columns and their words"),
        ({"where": {"a": {"nt": 1}}}, "files.0.where.a: give words, {not: words} or {present: true}"),
        ({"fields": {"subject": {"frist": ["a"]}}}, "fields.subject: give one column"),
        ({"fields": {"subject": {"first": "a"}}}, "fields.subject: give a list of columns"),
        ({"fields": {"subject": {"column": "a", "values": {"b": ["c"]}}}}, "fields.subject: values: give a word"),
        ({"fields": {"emails": {"first": []}}}, "fields.emails: give a list of columns"),
        (
            {"fields": {"occurred_at": "t"}, "formats": {"occurred_at": "epoch_ns"}},
            "a time that is a number is epoch_s",
        ),
        ({"fields": {"given_name": "n"}}, "fields.given_name: not a field of interactions"),
        ({"person_is": "phone"}, "files.0.person_is: Input should be 'person' or 'device'"),
        ({"use": "ga5"}, "files.0.use: no ready mapping 'ga5'; did you mean 'ga4'?"),
        ({"use": "ga4"}, "files.0.stream: unknown key beside use; there are use, glob"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    written = {key: EVENT[key] for key in ("stream",)} if change.get("use") == "ga4" else EVENT
    (tmp_path / "mapping.yml").write_text(yaml.safe_dump({"files": [written | change]}))
    with pytest.raises(SourceError) as caught:
        read_mapping(tmp_path)
    assert said in str(caught.value)
