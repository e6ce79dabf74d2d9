"""A published world: a family behind one phone, ids that merged, split and died, a segment with a rule, evidence."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from activation.access.keys import create_key
from activation.access.scopes import Scope
from activation.api.app import create_app
from activation.api.config import ApiConfig
from activation.publish import publish
from tests.integration.activation.conftest import World, served

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
ADA, BYRON, CLARA = "cus_01J9ZK3V8Q", "cus_01J9ZM11PD", "cus_clara"
MERGED, SPLIT_AWAY, RETIRED, GONE, ERASED = "cus_merged", "cus_split", "cus_retired", "cus_gone", "cus_erased"
PHONE = "+12025550123"

OF_ONE = "from marts.interactions as event where event.kind = 'order' and event.customer_id = traits.customer_id"

Client = Callable[..., httpx.Client]


def furnish(world: World) -> None:
    """Write the world and publish it."""
    world.customer(
        ADA,
        email="ada@lovelace.org",
        phone=PHONE,
        consent={"email": "granted"},
        records=["zendesk:user:361", "shopify:customer:1", "salesforce:contact:9"],
        segments=["vip"],
        instagram="ada.l",
    )
    world.customer(BYRON, phone=PHONE, records=["shopify:customer:2"], name="Byron Lovelace")
    world.customer(CLARA, phone=PHONE, records=["shopify:customer:3"], name="Clara Lovelace")
    world.customer(SPLIT_AWAY, email="split@lovelace.org", records=["x:user:4"], name="Dora Doe")
    world.execute("update golden.customers set birth_date = '1990-05-17' where customer_id = %s", [ADA])
    world.execute("update golden.customers set birth_date = '2012-09-02' where customer_id = %s", [BYRON])
    world.execute(
        "update segments.customer_features set order_count = 1, city = 'Rome' where customer_id = %s", [BYRON]
    )
    _lives(world)
    _service(world)
    _evidence(world)
    _rules(world)
    for number in range(7):
        world.interaction(number, ADA, AS_OF - timedelta(days=number // 2))
    publish(world.connection, "r1", AS_OF)


def _lives(world: World) -> None:
    for event, customer, related in (
        ("minted", MERGED, None),
        ("merged", MERGED, ADA),
        ("split", SPLIT_AWAY, ADA),
        ("minted", RETIRED, None),
        ("moved", RETIRED, BYRON),
        ("moved", RETIRED, CLARA),
        ("retired", RETIRED, None),
        ("minted", GONE, None),
        ("retired", GONE, None),
        ("minted", ERASED, None),
        ("erased", ERASED, None),
    ):
        world.execute(
            "insert into identity.customer_ledger values ('r1', %s, %s, %s, null, %s, null)",
            [event, customer, related, AS_OF],
        )


def _service(world: World) -> None:
    world.insert(
        "marts.service_cases",
        ("zendesk:ticket:1", ADA, "zendesk", "email", "Orders", "delivery", "Where is it?", "o1", AS_OF, None, "open",
         True, False, None),
    )  # fmt: skip
    world.insert(
        "marts.service_cases",
        ("zendesk:ticket:2", ADA, "zendesk", "email", None, None, "Thanks", None, AS_OF, None, "solved", False, False,
         None),
    )  # fmt: skip
    for number, status, delivered, days in (
        ("o1", "UNFULFILLED", None, 3), ("o2", "FULFILLED", AS_OF, 3), ("o3", "UNFULFILLED", None, 200),
    ):  # fmt: skip
        world.insert(
            "marts.orders",
            (number, f"#{number}", ADA, AS_OF - timedelta(days=days), "web", "online", 59.9, "EUR", "PAID", status,
             delivered, True, False, None),
        )  # fmt: skip
    world.insert("marts.order_lines", ("l1", BYRON, AS_OF, True, "Games"))
    world.insert("marts.order_lines", ("l2", BYRON, AS_OF - timedelta(days=9), True, "Kitchen and dining"))
    for level, month, channel, team, opened in (
        ("month", "2026-05-01", None, None, 12), ("month", "2026-04-01", None, None, 9),
        ("month_channel", "2026-05-01", "email", None, 7), ("month_channel", "2026-05-01", "chat", None, 5),
        ("month_channel_team", "2026-05-01", "email", "Orders", 7), ("month_team", "2026-05-01", None, "Orders", 7),
        ("all", None, None, None, 21),
    ):  # fmt: skip
        world.insert("marts.service_figures", (level, month, channel, team, opened, 0.9))
    world.insert("segments.persona_cards", ("loyalist", "Loyalist", "Comes back.", 4, 0.8, json.dumps([])))
    world.insert("segments.persona_cards", ("newcomer", "Newcomer", "Just came.", 0, None, json.dumps([])))


def _evidence(world: World) -> None:
    world.insert("identity.models", ("m1", json.dumps({"threshold": 11.0})))
    world.insert("identity.runs", ("r1", "m1", AS_OF))
    prior = {"comparison": "prior", "words": "how rarely two random records are one person", "weight": -9.0}
    email = {"comparison": "email", "level": 2, "words": "same e-mail address", "weight": 19.0}
    name = {"comparison": "given_name", "level": 0, "words": "different given names", "weight": -4.0}
    world.insert("identity.edge_patterns", ("m1", "2.-", json.dumps([email, prior])))
    world.insert("identity.edge_patterns", ("m1", "-.0", json.dumps([name, prior])))
    world.insert("identity.edge_patterns", ("m0", "2.-", json.dumps([])))
    for one, other, bits, accepted, pattern in (
        ("shopify:customer:1", "zendesk:user:361", 20.0, True, "2.-"),
        ("salesforce:contact:9", "zendesk:user:361", 12.0, True, "2.-"),
        ("shopify:customer:1", "shopify:customer:2", 3.0, False, "-.0"),
        ("shopify:customer:2", "zendesk:user:361", 1.0, False, "-.0"),
        ("shopify:customer:1", "shopify:customer:3", 14.0, False, "2.-"),
    ):
        world.insert("identity.edges", (one, other, bits, 0.99, accepted, pattern))
    world.insert(
        "identity.judgements",
        ("j1", "shopify:customer:1", "shopify:customer:2", "same", "kim", AS_OF - timedelta(days=2), "a mistake"),
    )
    world.insert(
        "identity.judgements",
        ("j2", "shopify:customer:1", "shopify:customer:2", "different", "kim", AS_OF, "father and son"),
    )


def _rules(world: World) -> None:
    held = "exists (select 1 from marts.interactions as event where event.customer_id = traits.customer_id)"
    member = 'exists (select 1 from "db"."segments"."seg_{}" as member where member.customer_id = traits.customer_id)'
    count = f"select count(*) {OF_ONE}"
    for position, (segment, path, kind, label, condition, seen) in enumerate(
        (
            ("vip", "1", "all", "all of", f"((traits.order_count >= 3) and {held})", None),
            ("vip", "1.1", "trait", "orders: at least 3", "coalesce(traits.order_count >= 3, false)",
             "to_jsonb(traits.order_count)"),
            ("vip", "1.2", "any", "at least one of", "false", None),
            ("vip", "1.2.1", "trait", "city: is Oslo", "coalesce(lower(traits.city) = lower('Oslo'), false)",
             "to_jsonb(traits.city)"),
            ("vip", "1.2.2", "event", "orders: at least 1", f"coalesce(({count}) >= 1, false)",
             f"(select jsonb_build_object('times', count(*)) {OF_ONE})"),
            ("vip", "2", "hold_back", "no promotion to who is unhappy",
             f"(not {member.format('unhappy_recently')})", "to_jsonb(true)"),
            ("unhappy_recently", "1", "not", "not", "false", None),
            ("unhappy_recently", "1.1", "trait", "channels: includes web",
             "exists (select 1 from unnest(traits.channels) as one (word) where lower(one.word) in (lower('web')))",
             "to_jsonb(traits.channels)"),
        ),
        start=1,
    ):  # fmt: skip
        world.insert(
            "segments.segment_conditions",
            (segment, position, path, path.count("."), kind, label, condition, seen),
        )


@pytest.fixture
def shop(world: World) -> World:
    furnish(world)
    return world


@pytest.fixture
def client(shop: World, warehouse: Any) -> Iterator[Client]:
    """A client with a key of the given scopes."""
    with ExitStack() as stack:
        url = stack.enter_context(served(create_app(ApiConfig(conninfo=SecretStr(warehouse.address.conninfo)))))

        def client_of(*scopes: Scope) -> httpx.Client:
            key = create_key(shop.connection, "tests", frozenset(scopes), rate_limit=100_000).key
            client = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"})
            return stack.enter_context(client)

        yield client_of
