"""A help desk to sync to: real HTTP, a log of every request, and faults on request."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse

from activation.destinations.vendor_client import RetryPolicy
from activation.destinations.zendesk_users import ZendeskUsers, ZendeskUsersConfig
from activation.publish import publish
from tests.integration.activation.zendesk.desk import DESK

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)


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
        if path == "/desk/api/v2/users/show_many.json":
            wanted = [int(one) for one in request.query_params["ids"].split(",")]
            shown = [{"id": one, "user_fields": self.users[one]} for one in wanted if one in self.users]
            return JSONResponse({"users": shown})
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


@pytest.fixture
def help_desk() -> HelpDesk:
    return HelpDesk()


@pytest.fixture
def fault() -> type[Fault]:
    return Fault


@pytest.fixture
def zendesk(serve: Any, help_desk: HelpDesk) -> Iterator[ZendeskUsers]:
    config = ZendeskUsersConfig(
        url=f"{serve(help_desk)}/desk/",
        email="bot@shop.example",
        api_token=SecretStr("s3cret-token"),
        retry=RetryPolicy(attempts=3, first_wait=0.01, longest_wait=2, timeout=5),
        first_poll=0,
        fields=tuple(DESK.mapping),
    )
    destination = ZendeskUsers(config)
    yield destination
    destination.close()


@pytest.fixture
def users(world: Any, help_desk: HelpDesk) -> None:
    """Three customers, three users of the help desk; user 4 has no customer."""
    for number, segments in ((1, ["vip", "unhappy_recently", "cross_sell"]), (2, []), (3, ["vip"])):
        records = [f"zendesk:user:{number}", f"shopify:customer:{number}"]
        world.customer(f"c{number}", email=f"u{number}@mail.com", records=records, segments=segments)
    help_desk.users = {number: {} for number in (1, 2, 3, 4)}
    publish(world.connection, "r1", AS_OF)
