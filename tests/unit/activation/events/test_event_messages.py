"""Messages as Segment's clients send them: what is an event, what is refused and why, when it happened."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activation.events.message import LARGEST_EVENT, Arrival, Event, Refused, read_message
from activation.events.moments import corrected, read_moment

NOW = datetime(2026, 6, 1, 10, 0, 5, tzinfo=UTC)
ARRIVAL = Arrival(None, NOW)
GOOD: dict[str, dict[str, Any]] = {
    "identify": {"userId": "u", "traits": {"email": "ada@lovelace.example"}},
    "track": {"anonymousId": "a", "event": "Product Viewed", "properties": {"price": 3}},
    "page": {"anonymousId": "a", "name": "Home"},
    "screen": {"userId": 97, "name": "Start"},
    "group": {"userId": "u", "groupId": "g", "traits": {"name": "Engines"}},
    "alias": {"userId": "u", "previousId": "a"},
}
MOMENTS = st.timedeltas(timedelta(days=-9000), timedelta(days=9000)).map(lambda away: NOW + away)


@pytest.mark.parametrize("call", GOOD)
def test_each_call_is_an_event_by_its_address_or_its_type(call: str) -> None:
    said = {"messageId": "m", **GOOD[call]}
    by_address = read_message(said, ARRIVAL, call)
    by_type = read_message({**said, "type": call}, ARRIVAL)
    assert isinstance(by_address, Event)
    assert by_address == by_type
    assert by_address.type == call
    assert json.loads(by_address.payload) == {**said, "type": call}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"type": "click"}, "type: expected one of"),
        ({"type": None}, "type: expected one of"),
        ({"anonymousId": ""}, "userId or anonymousId: missing"),
        ({"event": " "}, "event: expected the name"),
        ({"event": 5}, "event: expected the name"),
        ({"properties": [1]}, "properties: expected an object"),
        ({"context": "web"}, "context: expected an object"),
        ({"timestamp": "yesterday"}, "timestamp: expected a possible ISO 8601 time"),
        ({"timestamp": 1780308005}, "timestamp: expected a possible ISO 8601 time"),
        ({"userId": {"id": 5}}, "userId: expected text"),
        ({"userId": True}, "userId: expected text"),
        ({"messageId": "m" * 513}, "messageId: expected text"),
        ({"properties": {"price": float("nan")}}, "NaN"),
        ({"properties": {"name": "\ud83d"}}, "half a character"),
        ({"properties": {"text": "é" * (LARGEST_EVENT // 2)}}, "larger than 32 KB"),
    ],
)
def test_what_is_no_event_is_refused_with_its_reason(change: dict[str, Any], words: str) -> None:
    refused = read_message({"type": "track", "messageId": "m", **GOOD["track"], **change}, ARRIVAL)
    assert isinstance(refused, Refused)
    assert words in refused.reason
    assert "ada" not in refused.reason
    json.loads(refused.payload.encode().decode())  # can be kept


@pytest.mark.parametrize("said", [None, 5, "text", [], ["type", "track"]])
def test_what_is_no_object_is_kept_too(said: Any) -> None:
    refused = read_message(said, ARRIVAL)
    assert isinstance(refused, Refused)
    assert json.loads(refused.payload) == {"value": said}


def test_all_that_is_wrong_is_said_at_once() -> None:
    refused = read_message({"type": "alias", "timestamp": "?", "traits": 1}, ARRIVAL)
    assert isinstance(refused, Refused)
    assert refused.reason.count(";") == 3


def test_a_retry_is_the_same_event_or_the_same_refusal() -> None:
    said = {**GOOD["track"], "type": "track", "timestamp": "2026-06-01T10:00:00Z"}
    first, second = (read_message({**said, "sentAt": f"2026-06-01T10:00:0{n}Z"}, ARRIVAL) for n in (1, 2))
    assert isinstance(first, Event)
    assert isinstance(second, Event)
    assert first.message_id == second.message_id
    one, two = (read_message({"type": "?", "sentAt": f"2026-06-01T10:00:0{n}Z"}, ARRIVAL) for n in (1, 2))
    assert isinstance(one, Refused)
    assert isinstance(two, Refused)
    assert one.content_hash == two.content_hash


def test_two_events_alike_without_a_time_are_two() -> None:
    said = {**GOOD["track"], "type": "track"}
    first, second = read_message(said, ARRIVAL), read_message(said, ARRIVAL)
    assert isinstance(first, Event)
    assert isinstance(second, Event)
    assert first.message_id != second.message_id


def test_numbers_are_ids_and_the_key_is_not_kept() -> None:
    event = read_message({"userId": 97.0, "messageId": 5, "name": "Home", "writeKey": "secret"}, ARRIVAL, "page")
    assert isinstance(event, Event)
    assert (event.user_id, event.message_id) == ("97", "5")
    assert "secret" not in event.payload


def test_what_a_batch_says_once_holds_for_all_and_a_message_knows_better() -> None:
    arrival = Arrival(None, NOW, {"ip": "1.2.3.4", "locale": "en"}, {"All": True})
    said = {"type": "page", "userId": "u", "context": {"locale": "de"}}
    event = read_message(said, arrival)
    assert isinstance(event, Event)
    kept = json.loads(event.payload)
    assert kept["context"] == {"ip": "1.2.3.4", "locale": "de"}
    assert kept["integrations"] == {"All": True}


@given(MOMENTS, st.timedeltas(timedelta(days=-9), timedelta(days=9)), st.timedeltas(timedelta(0), timedelta(days=9)))
def test_a_wrong_clock_is_wrong_both_times(happened: datetime, error: timedelta, waited: timedelta) -> None:
    """Segment's rule: however wrong the device's clock is, an event sent at once is dated right."""
    received_at = happened + waited
    assert corrected(happened + error, received_at + error, received_at) == happened


def test_without_a_word_on_sending_the_devices_time_stands() -> None:
    happened = NOW - timedelta(days=400)
    assert corrected(happened, None, NOW) == happened
    assert corrected(None, happened, NOW) == NOW


def test_an_impossible_time_is_refused_and_not_an_error() -> None:
    said = {**GOOD["page"], "type": "page", "timestamp": "9999-12-31T23:59:59Z"}
    refused = read_message(said, Arrival(datetime(1, 1, 2, tzinfo=UTC), NOW))
    assert isinstance(refused, Refused)
    assert refused.reason == "timestamp: impossible beside sentAt"


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("2026-06-01T12:00:00.123456789+02:00", datetime(2026, 6, 1, 10, 0, 0, 123456, tzinfo=UTC)),
        ("2026-06-01T10:00:00", datetime(2026, 6, 1, 10, tzinfo=UTC)),
        ("2026-06-01", datetime(2026, 6, 1, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("2026-02-30T10:00:00Z", None),
        (None, None),
        (5, None),
    ],
)
def test_moments_are_read_as_clients_write_them(said: object, moment: datetime | None) -> None:
    assert read_moment(said) == moment


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)
WORDS = st.sampled_from(["type", "userId", "anonymousId", "event", "traits", "context", "timestamp", "messageId"])


@given(st.dictionaries(WORDS, JSON | st.sampled_from(["track", "u", "2026-06-01T00:00:00Z"]), max_size=8))
def test_whatever_comes_is_an_event_or_refused_and_can_be_kept(said: dict[str, Any]) -> None:
    message = read_message(said, ARRIVAL)
    assert "\\u0000" not in message.payload
    json.loads(message.payload.encode(), parse_constant=lambda _: pytest.fail("Postgres holds no NaN"))
