"""A small published world: the tables that earlier rooms write, by hand, with the columns of docs/architecture.md."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
import uvicorn
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse

from activation.destinations.vendor_client import RetryPolicy
from activation.destinations.zendesk import ZendeskConfig, ZendeskUsers
from orchestration.warehouse import Warehouse

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)

DDL = """
create schema golden; create schema marts; create schema segments; create schema identity;
create table golden.customers (
    customer_id text, full_name text, given_name text, family_name text, email text, phone text, birth_date date,
    street text, city text, region text, postcode text, country text, language text, instagram_handle text,
    x_handle text, link_strength double precision, record_count bigint, sources text[], first_seen_at timestamptz,
    last_seen_at timestamptz, email_marketing_consent text, sms_marketing_consent text);
create table golden.contact_points (
    customer_id text, kind text, value text, match_key text, is_primary boolean, record_ids text[],
    first_seen_at timestamptz, last_seen_at timestamptz);
create table golden.consents (customer_id text, channel text, purpose text, state text, evidence jsonb);
create table marts.interactions (
    interaction_id text, customer_id text, record_id text, occurred_at timestamptz, channel text, kind text,
    direction text, subject text, amount numeric, currency text, source text, reference_id text);
create table marts.customer_metrics (
    customer_id text, order_count bigint, revenue numeric, lifetime_value numeric, average_order_value numeric,
    first_order_at timestamptz, last_order_at timestamptz, days_since_last_order integer, return_count bigint,
    open_ticket_count bigint, last_rating text, last_rating_at timestamptz, channels text[], favourite_category text);
create table segments.segment_memberships (segment text, customer_id text, reason jsonb);
create table segments.segment_catalogue (
    segment text, label text, description text, purpose text, destinations text[],
    minimum_link_strength double precision, size bigint);
create table segments.customer_personas (customer_id text, persona text, reason text);
create table identity.record_customers (record_id text, customer_id text, link_strength double precision);
create table identity.customer_ledger (
    run_id text, event text, customer_id text, related_customer_id text, founding_record_id text,
    occurred_at timestamptz);
"""

SEGMENTS = {
    "vip": ("marketing", 0.9, ["zendesk", "file_drop"]),
    "cross_sell": ("marketing", 0.9, ["file_drop"]),
    "unhappy_recently": ("service", 0.5, ["zendesk", "file_drop"]),
    "recent_buyers_suppression": ("suppression", 0.9, ["file_drop"]),
    "agents_only": ("service", 0.5, ["zendesk"]),
}


class World:
    """Writes rows into the source tables, as dbt and identity would."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        with connection.transaction():
            connection.execute(DDL)
            for segment, (purpose, strength, destinations) in SEGMENTS.items():
                self.insert("segments.segment_catalogue", (segment, segment, "…", purpose, destinations, strength, 0))

    def insert(self, table: str, row: Sequence[object]) -> None:
        self.execute(f"insert into {table} values ({', '.join(['%s'] * len(row))})", row)

    def execute(self, statement: str, parameters: Sequence[object] = ()) -> None:
        with self.connection.transaction():
            self.connection.execute(statement, parameters)

    def rows(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self.connection.transaction():
            return self.connection.execute(query, parameters).fetchall()

    def customer(
        self,
        customer_id: str,
        *,
        email: str | None = None,
        phone: str | None = None,
        consent: dict[str, str] | None = None,
        segments: Sequence[str] = (),
        records: Sequence[str] = (),
        strength: float = 1.0,
        lifetime_value: float = 10.5,
        name: str = "Ada Lovelace",
        instagram: str | None = None,
    ) -> None:
        given, _, family = name.partition(" ")
        self.insert(
            "golden.customers",
            (customer_id, name, given, family, email, phone, None, "1 Main St", "Oslo", None, "0150", "NO", "en",
             instagram, None, strength, len(records), ["shopify"], AS_OF, AS_OF, None, None),
        )  # fmt: skip
        for kind, value in (("email", email), ("phone", phone), ("instagram", instagram)):
            if value:
                self.insert(
                    "golden.contact_points",
                    (customer_id, kind, value, value.lower(), True, list(records), AS_OF, AS_OF),
                )
        for channel, state in (consent or {}).items():
            self.insert("golden.consents", (customer_id, channel, "marketing", state, json.dumps({})))
        for segment in segments:
            self.insert("segments.segment_memberships", (segment, customer_id, json.dumps({"orders": 3})))
        for record in records:
            self.insert("identity.record_customers", (record, customer_id, strength))
        self.insert("segments.customer_personas", (customer_id, "loyalist", "three orders"))
        self.insert(
            "marts.customer_metrics",
            (customer_id, 3, lifetime_value, lifetime_value, 3.5, AS_OF, AS_OF, 0, 0, 1, "good", AS_OF, ["web"], None),
        )

    def interaction(self, number: int, customer_id: str | None, at: datetime = AS_OF) -> None:
        self.insert(
            "marts.interactions",
            (f"i{number:04}", customer_id, "shopify:customer:1", at, "web", "order", "inbound", f"Order {number}", 5,
             "EUR", "shopify", f"o{number}"),
        )  # fmt: skip

    def move(self, loser: str, survivor: str) -> None:
        """Merge two customers: rows of the loser go, its records move, the ledger remembers."""
        for table in (
            "golden.customers",
            "golden.contact_points",
            "golden.consents",
            "marts.customer_metrics",
            "segments.segment_memberships",
            "segments.customer_personas",
        ):
            self.execute(f"delete from {table} where customer_id = %s", [loser])
        for table in ("identity.record_customers", "marts.interactions"):
            self.execute(f"update {table} set customer_id = %s where customer_id = %s", [survivor, loser])
        self.insert("identity.customer_ledger", ("r2", "merged", loser, survivor, None, AS_OF))


@pytest.fixture
def connection(warehouse: Warehouse) -> Iterator[psycopg.Connection[Any]]:
    with warehouse.connect() as connection:
        yield connection


@pytest.fixture
def world(connection: psycopg.Connection[Any]) -> World:
    return World(connection)


@dataclass
class Fault:
    """What goes wrong with the next `times` requests of that method and part of a path.

    `lose_answer`: the request is carried out, and the connection reset before the answer.
    """

    method: str
    path: str
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: object = None
    lose_answer: bool = False
    times: int = 1


class HelpDesk:
    """The few endpoints of Zendesk that the sync uses, over real HTTP, with faults on request."""

    def __init__(self) -> None:
        self.users: dict[int, dict[str, Any]] = {}
        self.fields: dict[str, dict[str, Any]] = {}
        self.refused: dict[int, str] = {}
        self.requests: list[tuple[str, str]] = []
        self.batches: list[list[int]] = []
        self.faults: list[Fault] = []
        self.failing_jobs = 0
        self.silent_about: set[int] = set()
        self._jobs: dict[str, dict[str, Any]] = {}

    @property
    def writes(self) -> int:
        return sum(method != "GET" for method, _ in self.requests)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        self.requests.append((request.method, request.url.path))
        body = await request.body()
        fault = next(
            (f for f in self.faults if f.times and f.method == request.method and f.path in request.url.path), None
        )
        if fault is not None:
            fault.times -= 1
            if fault.status:
                await JSONResponse(fault.body or {"error": "Fault"}, fault.status, fault.headers)(scope, receive, send)
                return
            if fault.lose_answer:
                self.answer(request, body)
            raise ConnectionResetError("the test drops this connection")
        await self.answer(request, body)(scope, receive, send)

    def answer(self, request: Request, body: bytes) -> JSONResponse:
        expected = "Basic " + base64.b64encode(b"bot@shop.example/token:s3cret-token").decode()
        if request.headers.get("authorization") != expected:
            return JSONResponse({"error": "Couldn't authenticate you"}, 401)
        path = request.url.path
        if path == "/desk/api/v2/user_fields.json":
            return self.user_fields(request, body)
        if path == "/desk/api/v2/users/update_many.json" and request.method == "PUT":
            return JSONResponse({"job_status": self.start_job(json.loads(body)["users"])})
        if path.startswith("/desk/api/v2/job_statuses/"):
            job = self._jobs[path.rsplit("/", 1)[1].removesuffix(".json")]
            if job["polls"]:
                job["polls"] -= 1
                return JSONResponse({"job_status": {"id": job["id"], "status": "working", "results": None}})
            return JSONResponse({"job_status": {key: value for key, value in job.items() if key != "polls"}})
        return JSONResponse({"error": "InvalidEndpoint"}, 404)

    def user_fields(self, request: Request, body: bytes) -> JSONResponse:
        """Two fields a page, so that following pages is tried."""
        if request.method == "GET":
            start = int(request.query_params.get("page[after]", "0"))
            every = list(self.fields.values())
            more = start + 2 < len(every)
            following = f"{request.url.replace(query='')}?page[size]=100&page[after]={start + 2}"
            links = {"next": following if more else None}
            return JSONResponse({"user_fields": every[start : start + 2], "meta": {"has_more": more}, "links": links})
        made = json.loads(body)["user_field"]
        if made["key"] in self.fields:
            return JSONResponse({"error": "RecordInvalid", "description": "key is taken"}, 422)
        self.fields[made["key"]] = made
        return JSONResponse({"user_field": made}, 201)

    def start_job(self, users: list[dict[str, Any]]) -> dict[str, Any]:
        self.batches.append([user["id"] for user in users])
        job: dict[str, Any] = {"id": f"job{len(self._jobs)}", "status": "completed", "results": [], "polls": 1}
        self._jobs[job["id"]] = job
        if self.failing_jobs:
            self.failing_jobs -= 1
            job |= {"status": "failed", "message": "worker crashed on ada@mail.com"}
            return {"id": job["id"], "status": "queued"}
        for index, user in enumerate(users):
            if user["id"] in self.refused:
                result = {"id": index, "index": index, "error": "UserUpdateError", "status": "Failed"}
                job["results"].append(result | {"details": self.refused[user["id"]]})
            elif user["id"] not in self.users:
                job["results"].append({"id": user["id"], "error": "RecordNotFound", "success": False})
            else:
                self.users[user["id"]] |= user["user_fields"]
                if user["id"] not in self.silent_about:
                    job["results"].append({"id": user["id"], "status": "Updated", "success": True})
        return {"id": job["id"], "status": "queued", "results": None}


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve an ASGI app on a free loopback port; yields its URL."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def serve() -> Iterator[Any]:
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(served(app))


@pytest.fixture
def help_desk() -> HelpDesk:
    return HelpDesk()


@pytest.fixture
def fault() -> type[Fault]:
    return Fault


@pytest.fixture
def zendesk(serve: Any, help_desk: HelpDesk) -> Iterator[ZendeskUsers]:
    config = ZendeskConfig(
        url=f"{serve(help_desk)}/desk/",
        email="bot@shop.example",
        api_token=SecretStr("s3cret-token"),
        retry=RetryPolicy(attempts=3, first_wait=0.01, longest_wait=2, timeout=5),
        first_poll=0,
    )
    destination = ZendeskUsers(config)
    yield destination
    destination.close()
