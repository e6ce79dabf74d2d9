"""The model of `gate_model` written into the tables that golden reads, published, and synced by the real engine."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import psycopg

from activation.consent.suppressions import Reason, Suppression, lift, suppress
from activation.publish import publish
from activation.sync.block import SyncBlock
from activation.sync.engine import run_sync
from activation.sync.erasure import request_erasure
from tests.integration.activation.gate.gate_model import SOURCES, Asked, People, Suppressed, allowed
from tests.integration.activation.gate.golden_rules import STAGING, insert_all
from tests.integration.activation.gate.obstacles import differences
from tests.integration.activation.gate.recording_tool import RecordingTool

NOW: Final = datetime(2026, 6, 1, tzinfo=UTC)
SEGMENTS: Final = {
    "newsletter": ("marketing", 0.7, False),
    "care": ("service", 0.2, False),
    "unhappy_recently": ("service", 0.0, True),
}
_ALL: Final = {"cap": {"removed": 1, "changed": 1}, "destination": "recording", "minimum_link_strength": 0.5}
BLOCKS: Final = tuple(
    SyncBlock.model_validate({**_ALL, **block})
    for block in (
        {"name": "mail", "model": "segment:newsletter", "channel": "email", "purpose": "marketing"},
        {"name": "text", "model": "customers", "mode": "upsert", "channel": "sms", "purpose": "marketing"},
        {"name": "ads", "model": "segment:newsletter", "channel": "advertising", "purpose": "marketing"},
        {"name": "answers", "model": "segment:care", "channel": "email", "purpose": "service"},
        {"name": "disguised", "model": "segment:newsletter", "channel": "email", "purpose": "service"},
        {"name": "flags", "model": "segment:newsletter", "channel": "none", "purpose": "service"},
        {"name": "records", "model": "customers", "channel": "none", "purpose": "service"},
    )
)
_INPUTS: Final = (
    *(f"staging.{table}" for table in STAGING), "identity.identifiers", "identity.shared_identifiers",
    "identity.record_customers", "identity.customer_ledger", "golden.record_inputs", "golden.golden_attributes",
    "golden.customers", "segments.segment_memberships", "segments.customer_personas", "marts.customer_metrics",
)  # fmt: skip
_KEPT: Final = ["schema_versions", "suppression_key", "audit"]


def asked(block: SyncBlock) -> Asked:
    """A block, as the model asks."""
    purpose, minimum, _ = SEGMENTS[block.segment] if block.segment else (None, 0.0, False)
    return Asked(block.segment, purpose, minimum, str(block.channel), str(block.purpose), block.minimum_link_strength)


class GateWorld:
    """One database and what should be so in it."""

    def __init__(self, connection: psycopg.Connection[Any], second: psycopg.Connection[Any]) -> None:
        self.connection, self.second = connection, second
        with connection.transaction():
            connection.execute("delete from segments.segment_catalogue")
            rows: list[tuple[Any, ...]] = [(s, s, "…", p, [], m, 0, h) for s, (p, m, h) in SEGMENTS.items()]
            columns = ("segment", "label", "description", "purpose", "destinations", "minimum_link_strength", "size")
            insert_all(connection, "segments.segment_catalogue", (*columns, "holds_back"), rows)
        self.begin()

    def begin(self) -> None:
        """Nobody is known, suppressed, published or held."""
        self.people = People()
        self.published = People()
        self.suppressed: dict[int, Suppressed] = {}
        self.tools = {block.name: self._tool(block) for block in BLOCKS}
        self.publications = itertools.count(1)
        with self.connection.transaction():
            found = self.connection.execute(
                "select string_agg(format('activation.%%I', tablename), ', ') from pg_tables "
                "where schemaname = 'activation' and tablename <> all(%s)",
                [_KEPT],
            ).fetchall()
            self.connection.execute(f"truncate {found[0][0]} cascade")

    def _tool(self, block: SyncBlock) -> RecordingTool:
        def may_receive(key: str, addresses: frozenset[str]) -> None:
            may = allowed(self.published, self.suppressed, asked(block))
            assert key in may, (block.name, "a person who may not be contacted", key)
            assert addresses <= may[key], (block.name, "an address that may not be used", key, addresses)
            assert bool(addresses) == (block.channel != "none"), (block.name, key)

        return RecordingTool(may_receive)

    def publish(self) -> None:
        """Write all inputs anew and publish them."""
        people, connection = self.people, self.connection
        with connection.transaction():
            connection.execute(f"truncate {', '.join(_INPUTS)}")
            for kind, (_, table) in SOURCES.items():
                for record_id, record in people.records.items():
                    if record.kind == kind:
                        insert_all(
                            connection,
                            f"staging.{table}",
                            ("record_id", *record.said),
                            [(record_id, *record.said.values())],
                        )
            points = [(r, kind, value, value, key, True) for r, one in people.records.items()
                      for kind, value, key in sorted(one.points)]  # fmt: skip
            insert_all(
                connection, "identity.identifiers",
                ("record_id", "kind", "raw_value", "value", "match_key", "is_valid"), points,
            )  # fmt: skip
            shared = [(k, key, c) for key, c in people.classes.items() if c != "personal" for k in ("email", "phone")]
            insert_all(connection, "identity.shared_identifiers", ("kind", "value", "class"), shared)
            owners = [(record, owner, people.strengths.get(owner, 1.0)) for record, owner in people.owners.items()]
            insert_all(connection, "identity.record_customers", ("record_id", "customer_id", "link_strength"), owners)
            insert_all(
                connection,
                "identity.customer_ledger",
                ("event", "customer_id", "related_customer_id", "occurred_at"),
                [(*event, NOW) for event in people.ledger],
            )  # fmt: skip
            inputs = [(record, owner, NOW, NOW) for record, owner in people.owners.items()]
            columns = ("record_id", "customer_id", "observed_at", "first_seen_at")
            insert_all(connection, "golden.record_inputs", columns, inputs)
            customers = [(customer, people.strengths.get(customer, 1.0)) for customer in sorted(people.customers)]
            insert_all(connection, "golden.customers", ("customer_id", "link_strength"), customers)
            members = [(segment, customer) for segment, customer in sorted(people.members)]
            insert_all(connection, "segments.segment_memberships", ("segment", "customer_id"), members)
        publish(connection, f"run {next(self.publications)}", NOW)
        assert differences(connection) == []
        self.published = copy.deepcopy(people)

    def sync(self, after_batch: Callable[[], None] | None = None) -> None:
        """Run every sync; then each tool must hold those it may hold, and nobody else."""
        for block in BLOCKS:
            tool = self.tools[block.name]
            tool.after = after_batch or (lambda: None)
            run_sync(self.connection, block, tool, confirmed=True)
            tool.after = lambda: None
        if after_batch is not None:  # what was suppressed on the way is taken back by the next
            for block in BLOCKS:
                run_sync(self.connection, block, self.tools[block.name], confirmed=True)
        for block in BLOCKS:
            self.check(block)

    def check(self, block: SyncBlock) -> None:
        """A tool holds everybody of its model who may be contacted, at addresses that may be used, and nobody else."""
        held = self.tools[block.name].people
        may = allowed(self.published, self.suppressed, asked(block))
        members = {c for s, c in self.published.members if s == block.segment} if block.segment else set(may)
        if block.mode == "mirror":
            assert set(held) == set(may) & members, block.name
        else:
            assert set(may) & members <= set(held) <= set(may), block.name
        for key, addresses in held.items():
            expected = may[key] if block.channel == "advertising" else addresses
            assert addresses == expected and addresses <= may[key], (block.name, key)

    def suppress(self, one: Suppression, connection: psycopg.Connection[Any] | None = None) -> None:
        """Add a suppression to the list and to the model."""
        connection = connection or self.connection
        if not suppress(connection, [one], "a test"):
            return
        (row,) = connection.execute("select max(suppression_id) from activation.suppressions").fetchall()
        connection.commit()
        records = frozenset(self.published.records_of(one.customer_id)) if one.customer_id else frozenset[str]()
        self.suppressed[row[0]] = Suppressed(
            (one.kind, one.match_key) if one.kind and one.match_key else None,
            one.customer_id, records, one.channel, one.purpose, one.reason is Reason.BOUNCED,
        )  # fmt: skip

    def lift(self, number: int) -> None:
        """Lift one suppression, by its place among those that hold."""
        key = sorted(self.suppressed)[number % len(self.suppressed)]
        assert lift(self.connection, "a test", suppression_id=key) == 1
        del self.suppressed[key]

    def erase(self, customer: str) -> None:
        """Forget a person: their records, and what tools hold of them."""
        for record in self.people.records_of(customer):
            del self.people.records[record], self.people.owners[record]
        self.people.members = {(s, c) for s, c in self.people.members if c != customer}
        self.people.ledger.append(("erased", customer, None))
        with self.connection.transaction():
            request_erasure(self.connection, [customer])
