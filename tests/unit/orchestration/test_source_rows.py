"""The raw shape: no object of a vendor breaks a load, and no cursor that cannot be trusted steers the next one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from orchestration.sources.rows import behind, moment, raw_rows, settled


def rows_of(*objects):
    return raw_rows(objects, native_id=lambda it: it.get("id"), cursor=lambda it: it.get("updated_at"))


def test_an_object_keeps_its_payload_whole():
    thing = {"id": 7, "updated_at": "2026-01-01T00:00:00Z", "unknown": {"extra": [1, None]}}
    assert rows_of(thing) == [
        {
            "record_key": "7",
            "native_id": "7",
            "cursor_value": "2026-01-01T00:00:00Z",
            "payload": thing,
            "ingest_error": None,
        }
    ]


@pytest.mark.parametrize("value", [None, "", "  ", True, 1.5, ["7"], {"id": 7}])
def test_a_missing_or_ill_typed_id_becomes_a_row_with_a_reason(value):
    (row,) = rows_of({"id": value, "name": "Ada"})
    assert row["record_key"].startswith("missing:") and len(row["record_key"]) == len("missing:") + 64
    assert row["native_id"] is None
    assert row["ingest_error"]
    assert row["payload"] == {"id": value, "name": "Ada"}


def test_two_different_objects_without_id_stay_two_rows_and_the_same_one_stays_one():
    keys = [row["record_key"] for row in rows_of({"name": "Ada"}, {"name": "Bo"}, {"name": "Ada"})]
    assert len(set(keys)) == 2


@pytest.mark.parametrize("thing", [None, "text", 3, ["a"]])
def test_what_is_no_object_is_kept_as_unreadable(thing):
    (row,) = rows_of(thing)
    assert row["payload"] == {"value": thing}
    assert row["ingest_error"] == "not a JSON object"


@pytest.mark.parametrize(
    "value",
    ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.123Z", "2026-01-01T00:00:00+0000", "2026-01-01T00:00:00+00:00"],
)
def test_utc_moments_are_cursors(value):
    assert moment(value) == value


@pytest.mark.parametrize(
    "value", [None, 1735689600, "yesterday", "99999", "2026-01-01", "2026-01-01T00:00:00+02:00", {}]
)
def test_anything_else_is_no_cursor(value):
    assert moment(value) is None


def test_the_cursor_is_the_latest_second_whatever_the_fraction():
    latest = settled(datetime(2026, 6, 1, tzinfo=UTC))
    assert latest(["2026-01-01T10:00:00Z", "2026-01-01T10:00:00.500Z"]) == "2026-01-01T10:00:00"
    assert latest(["2026-01-01T10:00:00", "2026-01-01T10:00:01.000+0000"]) == "2026-01-01T10:00:01"


def test_a_date_in_the_future_does_not_carry_the_cursor_away():
    latest = settled(datetime(2026, 6, 1, 12, tzinfo=UTC))
    assert latest(["2026-05-31T00:00:00Z", "2999-01-01T00:00:00Z"]) == "2026-06-01T11:55:00"


def test_a_newest_first_listing_ends_at_the_cursor():
    page = rows_of({"id": 1, "updated_at": "2026-01-02T00:00:00Z"}, {"id": 2, "updated_at": "2026-01-01T00:00:00Z"})
    assert behind(page, "2026-01-01T12:00:00")
    assert not behind(page, "2026-01-01T00:00:00")
    assert not behind(page, None)
    assert not behind(rows_of({"id": 1}), "2026-01-01T00:00:00")
