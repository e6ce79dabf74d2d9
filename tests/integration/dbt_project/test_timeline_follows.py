"""Timeline, sales and cases follow what is announced below them: one change of each kind, and no row is left behind.

Each change is made where staging or identity would make it; then what follows is built, and compared with the whole
query. A change that moves no row of any of the tables would prove nothing, and fails.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final, LiteralString

import pytest
from psycopg import sql

from benchmarks.serve_build.retailer import VARIABLES, end_of, identify, load, stage
from orchestration.settings import Settings
from orchestration.warehouse import Warehouse
from sandbox.generator import generate
from tests.dbt_child import DBT, PROJECT, run_child
from tests.integration.dbt_project.conftest import database

pytestmark = pytest.mark.slow

ROOTS: Final = (
    "timeline/touchpoints",
    "sales/orders",
    "sales/order_lines",
    "sales/checkouts",
    "timeline/conversations",
    "service/service_touches",
    "service/service_cases",
    "service/service_handovers",
    "tickets",
)
# Staged by hand: dbt would make these anew from raw rows that there are none of.
BASES: Final = sorted(
    {path.stem for path in (PROJECT / "models/staging").rglob("base_*.sql")} - {"base_files__first_replies"}
)
# What is stored between the base tables and the roots; the views there stand.
BELOW: Final = (
    "base_files__first_replies",
    "stg_files__named_people",
    "stg_files__shared_devices",
    "identity_records",
    "order_numbers",
    "written_identifiers",
    "record_inputs",
)
NAMES: Final = ("conversation_members", *(Path(root).name for root in ROOTS))

TICKET = "(select ticket_id from base_zendesk__ticket_comments group by 1 order by count(*) desc, 1 limit 1)"
GLADLY = (
    "(select thread_id from base_files__interactions where source = 'gladly' and direction = 'outbound' "
    "and kind = 'message' order by thread_id limit 1)"
)
CALL = (
    "(select record_key from base_files__interactions where source = 'contact_centre' and kind = 'call' "
    "and record_id in (select record_id from identity.record_customers where customer_id in "
    "(select customer_id from marts.orders where source = 'shopify')) order by record_key limit 1)"
)
CALLER = "(select record_id from base_files__interactions where record_key = (select key from public.the_call))"
BOUGHT = (
    "(select order_id from marts.orders where source = 'shopify' and customer_id = "
    f"(select customer_id from identity.record_customers where record_id = {CALLER}) order by order_id limit 1)"
)
DEVICE = (
    "(select record_id from base_files__interactions where is_device and record_id is not null "
    "group by record_id having count(*) > 3 order by record_id limit 1)"
)
RETURNED = "(select order_id from base_shopify__returns order by order_id limit 1)"
# A ticket after which the same customer came again within days, and one that somebody rated.
REPEATED = (
    "(select split_part(case_id, ':', 3) from marts.service_cases as former where source = 'zendesk' and exists ("
    "select 1 from marts.service_cases as later where later.is_repeat_contact "
    "and later.customer_id = former.customer_id and later.opened_at > former.opened_at "
    "and later.opened_at < former.opened_at + interval '7 days' and not exists ("
    "select 1 from marts.service_cases as other where other.customer_id = later.customer_id and other.case_id "
    "not in (former.case_id, later.case_id) and other.opened_at between later.opened_at - interval '8 days' "
    "and later.opened_at)) order by case_id limit 1)"
)
RATED = "(select ticket_id from marts.tickets where rating is not null order by ticket_id limit 1)"
FILED = "(select min(record_key) from base_files__interactions where kind = 'ticket')"

CHANGES: Final[dict[str, tuple[LiteralString | str, ...]]] = {
    "a product has another name": (
        "update base_shopify__products set title = title || '!', category = 'sundries' where product_id = "
        "(select product_ids[1] from base_shopify__abandoned_checkouts where array_length(product_ids, 1) = 1 limit 1)",
    ),
    "a line of a returned order is gone": (f"delete from base_shopify__order_lines where order_id = {RETURNED}",),
    "a returned order is of another channel": (
        "update base_shopify__orders set source_name = case source_name when 'pos' then 'web' else 'pos' end "
        f"where order_id = {RETURNED}",
    ),
    "a return is of another order": (
        "update base_shopify__returns set order_id = (select max(order_id) from base_shopify__orders) "
        f"where order_id = {RETURNED}",
    ),
    "a return is gone": (
        "delete from base_shopify__returns where order_id = (select max(order_id) from base_shopify__orders)",
    ),
    "a file tells of a return to the shop": (
        "insert into base_files__interactions (record_key, source, stream, interaction_id, kind, reference_id, "
        "occurred_at, amount, currency) "
        "select 'told', 'shopify', 'returns', 'told', 'return', order_name, created_at, 1, "
        "currency from base_shopify__orders where order_id not in (select order_id from base_shopify__returns) "
        "and cancelled_at is null order by order_id limit 1",
    ),
    "the file tells of it no longer": ("delete from base_files__interactions where record_key = 'told'",),
    "a file has an order of the shop": (
        "insert into base_files__interactions (record_key, source, stream, interaction_id, kind, occurred_at, amount, "
        "currency) select 'sold', 'shopify', 'orders', 'sold', 'order', created_at, 9, currency "
        "from base_shopify__orders order by order_id limit 1",
    ),
    "the file has it no longer": ("delete from base_files__interactions where record_key = 'sold'",),
    "an order is gone": (f"delete from base_shopify__orders where order_id = {RETURNED}",),
    "a checkout was completed": (
        "update base_shopify__abandoned_checkouts set completed_at = started_at where checkout_id = "
        "(select checkout_id from base_shopify__abandoned_checkouts where completed_at is null limit 1)",
    ),
    "a campaign has another name": ("update base_salesforce__campaigns set name = name || '!'",),
    "a user is an agent": (
        "update base_zendesk__users set role = 'agent' where user_id = (select author_id "
        "from base_zendesk__ticket_comments inner join base_zendesk__users on author_id = user_id limit 1)",
    ),
    "a ticket is of somebody else": (
        "update base_zendesk__tickets set requester_id = (select max(user_id) from base_zendesk__users), "
        f"via_channel = 'voice' where ticket_id = {TICKET}",
    ),
    "a device has two users": (
        "update base_files__interactions as t set external_ids = array['shopify:customer:' || place] from "
        "(select record_key, row_number() over (order by record_key) as place from base_files__interactions "
        f"where record_id = {DEVICE}) as d where t.record_key = d.record_key and place <= 2",
    ),
    "a device has one user again": (
        "update base_files__interactions set external_ids = null where record_id = "
        "(select record_id from stg_files__shared_devices order by record_id limit 1)",
    ),
    "a help desk answered earlier": (
        "update base_files__interactions set occurred_at = occurred_at - interval '1 minute' "
        f"where source = 'gladly' and direction = 'outbound' and kind = 'message' and thread_id = {GLADLY}",
    ),
    "a message names an order": (
        "update base_zendesk__ticket_comments set body = 'My order ' || (select order_name "
        "from base_shopify__orders where order_name ~ '[0-9]{4}' and shopify_customer_id is not null limit 1) "
        "|| ' is late' where comment_id = (select min(comment_id) from base_zendesk__ticket_comments "
        f"where ticket_id = {TICKET})",
    ),
    "a call names a number that no order has": (
        f"create table public.the_call as select {CALL} as key",
        "update base_files__interactions set reference_id = 'ZZ990099' where record_key = (select key from the_call)",
    ),
    "an order gets the number": (
        f"update base_shopify__orders set order_name = '#zz 990099' where order_id = {BOUGHT}",
    ),
    "the buyer is somebody else": (
        "update identity.record_customers set customer_id = (select max(customer_id) from identity.record_customers) "
        "where record_id = (select record_id from identity.order_numbers where order_number = 'ZZ990099')",
    ),
    "the buyer is nobody": (
        "delete from identity.record_customers where record_id = "
        "(select record_id from identity.order_numbers where order_number = 'ZZ990099')",
    ),
    "a help desk says when it answered": (
        f"update base_zendesk__ticket_metrics set first_reply_minutes = 7, reopens = 5 where ticket_id = {TICKET}",
    ),
    "a help desk says nothing of a ticket": (f"delete from base_zendesk__ticket_metrics where ticket_id = {TICKET}",),
    "a ticket is open again": (
        "update base_zendesk__tickets set status = 'open', priority = 'urgent' where ticket_id = "
        "(select min(ticket_id) from base_zendesk__tickets where status in ('solved', 'closed'))",
    ),
    "a ticket that another repeats was written before": (
        f"update base_zendesk__tickets set created_at = created_at - interval '30 days' where ticket_id = {REPEATED}",
    ),
    "who rated says why": (
        "update base_zendesk__satisfaction_ratings set comment = 'because', score = 'bad' "
        f"where score in ('good', 'bad') and ticket_id = {RATED}",
    ),
    "nobody rated it": (f"delete from base_zendesk__satisfaction_ratings where ticket_id = {RATED}",),
    "a rated ticket is gone": (f"delete from base_zendesk__tickets where ticket_id = {RATED}",),
    "a ticket from a file is open again": (
        f"update base_files__interactions set status = 'open', closed_at = null where record_key = {FILED}",
    ),
    "a ticket from a file is closed": (
        "update base_files__interactions set status = 'closed', closed_at = occurred_at + interval '1 hour' "
        f"where record_key = {FILED}",
    ),
    "who called is nobody": (
        "create table public.the_caller as select touches.record_id, touches.interaction_id "
        "from marts.service_touches as touches inner join marts.service_cases as cases "
        "on coalesce(touches.case_id, touches.interaction_id) = cases.case_id "
        "where cases.is_call and touches.kind = 'call' and touches.customer_id is not null "
        "order by touches.interaction_id limit 1",
        "delete from identity.record_customers where record_id = (select record_id from public.the_caller)",
    ),
    "nobody waited longer": (
        "update base_files__interactions set wait_seconds = wait_seconds + 60, outcome = 'resolved' "
        "where kind = 'call' "
        "and concat_ws(':', 'files', source, stream, interaction_id) = (select interaction_id from public.the_caller)",
    ),
    "nobody called about a ticket": (
        "update base_files__interactions set source = (select source from base_files__interactions "
        f"where record_key = {FILED}), thread_id = (select coalesce(thread_id, reference_id, interaction_id) "
        f"from base_files__interactions where record_key = {FILED}) where kind = 'call' "
        "and concat_ws(':', 'files', source, stream, interaction_id) = (select interaction_id from public.the_caller)",
    ),
    "nobody called": (
        "delete from base_files__interactions where kind = 'call' and record_id = (select record_id from the_caller)",
    ),
    "messages are gone": (
        "delete from base_meta__messages where message_id = (select min(message_id) from base_meta__messages)",
        "delete from base_x__mentions where post_id = (select min(post_id) from base_x__mentions)",
        "delete from base_files__interactions where record_key = (select key from public.the_call)",
    ),
}


class Following:
    """A retailer whose roots are built again after each change."""

    def __init__(self, warehouse: Warehouse, folder: Path, as_of: datetime) -> None:
        self.warehouse, self.folder = warehouse, folder
        self.variables = json.dumps({**VARIABLES, "as_of": as_of.isoformat()})

    def dbt(self, *arguments: str) -> None:
        done = run_child([*DBT, *arguments, "--vars", self.variables], self.folder, self.warehouse)
        assert done.returncode == 0, done.stdout[-4000:]

    def prepare(self) -> None:
        self.dbt(
            "run", "--select", "models/staging", "models/identity", "--exclude", *BASES, "stream_counts", "quarantine"
        )

    def build(self) -> None:
        self.dbt("run", "--select", *BELOW, *NAMES)

    def rows(self, query: str) -> dict[str, int]:
        with self.warehouse.connect() as connection:
            return dict(
                connection.execute(
                    sql.SQL("select cast(t as text), count(*) from ({}) as t group by 1").format(sql.SQL(query))  # type: ignore[arg-type]
                ).fetchall()
            )


@pytest.fixture(scope="module")
def following(postgres: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Following]:
    folder = tmp_path_factory.mktemp("follows")
    world = generate(60, seed=5)
    with pytest.MonkeyPatch.context() as patch, database(postgres, f"follows_{os.getpid()}") as warehouse:
        patch.setenv("BRAID_HOME", str(folder / "home"))
        load(warehouse, world)
        found = Following(warehouse, folder / "dbt", world.as_of)
        found.dbt("build", "--selector", "prepare")
        stage(warehouse, None, end_of(world))
        found.prepare()
        identify(warehouse, Settings(), "first")
        found.dbt("seed")
        found.dbt("run", "--select", "record_inputs", "touchpoints_*", "exported_order_lines", *NAMES)
        found.dbt("compile", "--select", *NAMES)
        yield found


def test_each_kind_of_change_reaches_every_row_that_it_is_for(following: Following) -> None:
    compiled = following.folder / "compiled/braid/models/marts"
    whole = {
        root: f"select {columns(following, root)} from ({(compiled / f'{root}.sql').read_text()}\n) as q"
        for root in ROOTS
    }
    wrong, nothing = {}, []
    for change, statements in CHANGES.items():
        before = {root: following.rows(stored(root)) for root in ROOTS}
        with following.warehouse.connect() as connection:
            connection.execute("set search_path = staging, public")
            for statement in statements:
                connection.execute(statement)  # type: ignore[arg-type]
        following.build()
        after = {root: following.rows(stored(root)) for root in ROOTS}
        for root in ROOTS:
            expected = following.rows(whole[root])
            if expected != after[root]:
                wrong[change, root] = sorted(set(expected) ^ set(after[root]))[:2]
        if after == before:
            nothing.append(change)
    assert wrong == {}
    assert [change for change in nothing if change != "a call names a number that no order has"] == []


def stored(root: str) -> str:
    return f"select * from marts.{Path(root).name}"


def columns(following: Following, root: str) -> str:
    """Each column of a table as the type that it has there."""
    with following.warehouse.connect() as connection:
        found = connection.execute(
            "select format('cast(%%I as %%s) as %%1$I', attname, format_type(atttypid, atttypmod)) from pg_attribute "
            "where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped order by attnum",
            [f"marts.{Path(root).name}"],
        ).fetchall()
    return ", ".join(row[0] for row in found)
