"""The quarantine of events: seen by reason, read again when the rules have changed, and nothing taken twice."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from activation.commands.events import build_events_app
from activation.events.quarantine import Replay, replay

BAD = [
    {"type": "track", "messageId": "fit now", "userId": "u", "event": "Seen", "timestamp": "2026-06-01T10:00:00Z"},
    {"type": "track", "messageId": "never", "userId": "u"},
    {"type": "track", "messageId": "there", "userId": "u", "event": "Other"},
]


def fill(taking) -> None:
    """Three in quarantine: one that an older Braid refused, one that is bad, one whose id an event has."""
    taking.post("/v1/track", {"messageId": "there", "userId": "u", "event": "Seen"})
    taking.post("/v1/batch", {"batch": BAD[1:]})
    with taking.warehouse.connect() as connection:
        connection.execute(
            "insert into activation.quarantined_events (key_id, content_hash, message_id, type, reason, payload, "
            "received_at) select key_id, '\\x00', 'fit now', 'track', 'an old rule', %s, '2026-06-02' "
            "from activation.api_keys",
            [json.dumps(BAD[0])],
        )


def test_what_is_fit_now_is_taken_at_the_time_it_came(taking, connection):
    fill(taking)
    batches: list[int] = []
    assert replay(connection, batches.append) == Replay(accepted=1, still_refused=2)
    assert batches == [3]
    assert replay(connection) == Replay(accepted=0, still_refused=2)
    assert taking.ids() == ["fit now", "there"]
    times = taking.rows("select occurred_at = original_timestamp, received_at = '2026-06-02' from activation.events "
                        "where message_id = 'fit now'")  # fmt: skip
    assert times == [(True, True)]
    assert taking.rows("select payload ->> 'event' from activation.events where message_id = 'there'") == [("Seen",)]


def test_the_command_shows_reasons_and_replays(taking):
    fill(taking)
    app = build_events_app(taking.warehouse.connect)
    shown = CliRunner().invoke(app, [], env={"COLUMNS": "200"})
    assert shown.exit_code == 0, shown.output
    for words in ("track", "an old rule", "expected the name of the event", "says something else"):
        assert words in shown.output
    assert "1 taken, 2 still in quarantine" in CliRunner().invoke(app, ["replay"]).output


def test_without_events_the_command_says_what_to_do(warehouse):
    shown = CliRunner().invoke(build_events_app(warehouse.connect), [], env={"COLUMNS": "200"})
    assert shown.exit_code == 0, shown.output
    assert "--scope events" in shown.output
