"""The Google Ads customer match look-alike.

After the Google Ads API REST reference: `userLists:mutate`, `offlineUserDataJobs` (`:create`, `:addOperations`, `:run`)
and `googleAds:search`, and after "OAuth 2.0" a token endpoint. A job holds at most 100,000 identifiers, an operation
20; a value that is no SHA-256 in hexadecimal fails its operation alone under `enablePartialFailure`, else all of it. A
job is PENDING until it is run, RUNNING when it is first looked at after that, then SUCCESS. Members cannot be read.

Two things differ from the real one: jobs end in moments, and it keeps hashes, not the accounts that they belong to. Of
the query language it knows one resource and equalities. Access tokens do not outlive the sandbox.
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox.vendors.google_ads.data_manager import DataManagerApi
from sandbox.vendors.google_ads.refusals import failure, refusal, wrong_operation
from sandbox.vendors.limits import Bucket
from sandbox.vendors.store import DocumentStore
from sandbox.vendors.stream import Json, Payload, Stream
from sandbox.vendors.vendor import Endpoint, Vendor, failing_rows, reply

CUSTOMER_ID: Final = "1234567890"
DEVELOPER_TOKEN: Final = "sandbox-developer-token"
CLIENT: Final = {"client_id": "sandbox-client", "client_secret": "sandbox-secret", "refresh_token": "1//sandbox"}
IDENTIFIERS: Final = 100_000
OF_OPERATION: Final = 20
_SHA256: Final = re.compile("[0-9a-fA-F]{64}")
_HASHED: Final = ("hashedEmail", "hashedPhoneNumber")
_ADDRESS: Final = ("hashedFirstName", "hashedLastName", "countryCode", "postalCode")


class GoogleAds(Vendor):
    """The retailer's ads account, its customer lists and the jobs that fill them."""

    name = "google_ads"

    def __init__(self, state: Path) -> None:
        """Open what was written before."""
        self.streams: dict[str, Stream] = {}
        self.bucket = Bucket(100_000, 1000)
        self._store = DocumentStore(state / "google_ads.sqlite")
        self._tokens: set[str] = set()
        self._data_manager = DataManagerApi(self._store, CUSTOMER_ID)

    def held(self) -> dict[str, Json]:
        """Lists and jobs by resource name; `members`: by list and kind of identifier the values in it, sorted."""
        members: dict[str, dict[str, list[str]]] = {one: {} for one in self._store.all("user_lists")}
        for place in self._store.all("members"):
            user_list, kind, value = place.split(" ", 2)
            members[user_list].setdefault(kind, []).append(value)
        found = {one: {kind: sorted(values) for kind, values in kinds.items()} for one, kinds in members.items()}
        return {**self._store.held("user_lists", "jobs", "requests"), "members": found}

    def close(self) -> None:
        """Close the file of what was written."""
        self._store.close()

    def routes(self) -> list[BaseRoute]:
        """The token endpoint, and the account's services."""
        at = "/{version}/customers/{customer}"
        table: list[tuple[str, Endpoint]] = [
            (f"{at}/googleAds:search", self._search),
            (f"{at}/userLists:mutate", self._mutate),
            (f"{at}/offlineUserDataJobs:create", self._create),
            (f"{at}/offlineUserDataJobs/{{job}}:addOperations", self._add),
            (f"{at}/offlineUserDataJobs/{{job}}:run", self._run),
        ]
        guarded: list[BaseRoute] = [Route(path, self._guarded(one), methods=["POST"]) for path, one in table]
        for method in ("ingest", "remove"):
            sent = self._authorised(self._data_manager.sent(method))
            guarded.append(Route(f"/v1/audienceMembers:{method}", sent, methods=["POST"]))
        guarded.append(Route("/v1/requestStatus:retrieve", self._authorised(self._data_manager.status)))
        return [Route("/token", self._token, methods=["POST"]), *guarded]

    def failure(self, status: int, retry_after: int | None = None) -> Response:
        """`error` with a `GoogleAdsFailure` in its details."""
        return failure(status, retry_after)

    def environment(self, url: str) -> dict[str, str]:
        """URLs, account, OAuth client and developer token."""
        return {
            "BRAID_GOOGLE_ADS__URL": url,
            "BRAID_GOOGLE_ADS__DATA_MANAGER_URL": url,
            "BRAID_GOOGLE_ADS__TOKEN_URL": f"{url}/token",
            "BRAID_GOOGLE_ADS__CUSTOMER_ID": CUSTOMER_ID,
            "BRAID_GOOGLE_ADS__DEVELOPER_TOKEN": DEVELOPER_TOKEN,
            **{f"BRAID_GOOGLE_ADS__{name.upper()}": value for name, value in CLIENT.items()},
        }

    async def _token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        if form.get("grant_type") != "refresh_token" or form.get("refresh_token") != CLIENT["refresh_token"]:
            return reply({"error": "invalid_grant", "error_description": "Token has been expired or revoked."}, 400)
        if any(form.get(name) != CLIENT[name] for name in ("client_id", "client_secret")):
            return reply({"error": "invalid_client", "error_description": "Unauthorized"}, 401)
        token = f"ya29.{secrets.token_urlsafe(16)}"
        self._tokens.add(token)
        return reply({"access_token": token, "expires_in": 3599, "token_type": "Bearer"})

    def _authorised(self, endpoint: Endpoint) -> Endpoint:
        async def answer(request: Request) -> Response:
            await request.body()
            if request.headers.get("authorization", "").removeprefix("Bearer ") not in self._tokens:
                return failure(401)
            return await endpoint(request) if self.bucket.take() else failure(429, self.bucket.wait())

        return answer

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        async def answer(request: Request) -> Response:
            if request.headers.get("developer-token") != DEVELOPER_TOKEN:
                return refusal(
                    403, "authenticationError", "DEVELOPER_TOKEN_INVALID", "The developer token is not valid."
                )
            if request.path_params["customer"] != CUSTOMER_ID:
                return failure(403)
            return await endpoint(request)

        return self._authorised(answer)

    async def _search(self, request: Request) -> Response:
        query = str((await request.json()).get("query", ""))
        asked = re.search(
            r"FROM (user_list|offline_user_data_job)(?: WHERE (\w+)\.(\w+) = ('(?:[^'\\]|\\.)*'|\d+))?", query
        )
        if asked is None:
            return refusal(400, "queryError", "UNEXPECTED_INPUT", "The query is not understood.")
        resource, _, field, value = asked.groups()
        wanted = re.sub(r"\\(.)", r"\1", (value or "").strip("'"))
        camel = re.sub("_(.)", lambda letter: letter[1].upper(), field or "")
        names = {"user_list": ("user_lists", "userList"), "offline_user_data_job": ("jobs", "offlineUserDataJob")}
        kept, shown = names[resource]
        found = [one for one in self._store.all(kept).values() if not field or str(one.get(camel)) == wanted]
        found.sort(key=lambda one: int(one["id"]), reverse="DESC" in query)
        if kept == "jobs":
            found = [self._looked_at(one) for one in found]
        return reply({"results": [{shown: one} for one in found], "fieldMask": "", "queryResourceConsumption": "1"})

    def _looked_at(self, job: Payload) -> Payload:
        """The job as it is now; one that runs is through when it is looked at again."""
        if job["status"] == "RUNNING":
            if job["seen"]:
                job = {**job, "status": "SUCCESS"}
            self._store.put("jobs", job["resourceName"], {**job, "seen": True})
        return {name: value for name, value in job.items() if name not in ("seen", "operations")}

    async def _mutate(self, request: Request) -> Response:
        sent = (await request.json()).get("operations", [])
        made = [operation.get("create") for operation in sent]
        if not made or any(not one or not one.get("name") or "crmBasedUserList" not in one for one in made):
            return refusal(400, "fieldError", "REQUIRED", "The required field was not present.")
        taken = {one["name"] for one in self._store.all("user_lists").values()}
        if any(one["name"] in taken for one in made):
            return refusal(400, "userListError", "NAME_ALREADY_USED", "The name is already being used.")
        results: list[Payload] = []
        with self._store.request(request):
            for one in made:
                number = str(7_000_001 + len(self._store.all("user_lists")))
                name = f"customers/{CUSTOMER_ID}/userLists/{number}"
                self._store.put("user_lists", name, {**one, "id": number, "resourceName": name})
                results.append({"resourceName": name})
        return reply({"results": results})

    async def _create(self, request: Request) -> Response:
        job = (await request.json()).get("job") or {}
        metadata = job.get("customerMatchUserListMetadata") or {}
        if job.get("type") != "CUSTOMER_MATCH_USER_LIST":
            return refusal(400, "fieldError", "REQUIRED", "The required field was not present.")
        if self._store.get("user_lists", str(metadata.get("userList"))) is None:
            return refusal(400, "offlineUserDataJobError", "INVALID_USER_LIST_ID", "The user list ID is invalid.")
        if "DENIED" in (metadata.get("consent") or {}).values():
            return refusal(
                400, "offlineUserDataJobError", "CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS", "Consent was denied."
            )
        number = str(9_000_001 + len(self._store.all("jobs")))
        name = f"customers/{CUSTOMER_ID}/offlineUserDataJobs/{number}"
        with self._store.request(request):
            made = {**job, "id": number, "resourceName": name, "status": "PENDING", "seen": False, "operations": []}
            self._store.put("jobs", name, made)
        return reply({"resourceName": name})

    async def _add(self, request: Request) -> Response:
        sent = await request.json()
        job = self._job(request)
        if job is None:
            return failure(404)
        if job["status"] != "PENDING":
            return refusal(400, "offlineUserDataJobError", "JOB_ALREADY_STARTED", "Job was already started.")
        operations = sent.get("operations") or []
        if sum(map(_size, [*job["operations"], *operations])) > IDENTIFIERS:
            return refusal(400, "offlineUserDataJobError", "TOO_MANY_USER_IDENTIFIERS", "Too many user identifiers.")
        failing = failing_rows(request)
        wrong = {place: _fault_of(one) for place, one in enumerate(operations)}
        wrong |= dict.fromkeys((place for place in failing if place in wrong), "INVALID_SHA256_FORMAT")
        errors = [wrong_operation(place, code) for place, code in wrong.items() if code]
        if errors and not sent.get("enablePartialFailure"):
            return refusal(400, "offlineUserDataJobError", "INVALID_SHA256_FORMAT", "An operation is malformed.")
        good = [one for place, one in enumerate(operations) if not wrong[place]]
        with self._store.request(request):
            self._store.put("jobs", job["resourceName"], {**job, "operations": [*job["operations"], *good]})
        if not errors:
            return reply({})
        kind = "type.googleapis.com/google.ads.googleads.v24.errors.GoogleAdsFailure"
        status = {"code": 3, "message": "Multiple errors.", "details": [{"@type": kind, "errors": errors}]}
        return reply({"partialFailureError": status})

    async def _run(self, request: Request) -> Response:
        job = self._job(request)
        if job is None:
            return failure(404)
        if job["status"] != "PENDING":
            return refusal(400, "offlineUserDataJobError", "JOB_ALREADY_STARTED", "Job was already started.")
        user_list = job["customerMatchUserListMetadata"]["userList"]
        with self._store.request(request):
            for operation in job["operations"]:
                for identifier in next(iter(operation.values()))["userIdentifiers"]:
                    place = f"{user_list} {_spelt(identifier)}"
                    if "create" in operation:
                        self._store.put("members", place, {})
                    else:
                        self._store.delete("members", place)
            self._store.put("jobs", job["resourceName"], {**job, "status": "RUNNING", "operations": []})
        return reply({"name": f"{job['resourceName']}/operations/1", "metadata": {}})

    def _job(self, request: Request) -> Payload | None:
        return self._store.get("jobs", f"customers/{CUSTOMER_ID}/offlineUserDataJobs/{request.path_params['job']}")


def _size(operation: Any) -> int:
    return sum(len(one.get("userIdentifiers", [])) for one in operation.values() if isinstance(one, dict))


def _spelt(identifier: Payload) -> str:
    ((kind, value),) = identifier.items()
    return f"{kind} {value if isinstance(value, str) else '|'.join(value[part] for part in _ADDRESS)}"


def _fault_of(operation: Any) -> str | None:
    """Google's code for what is wrong with an operation, None when nothing is."""
    kinds = set(operation) if isinstance(operation, dict) else set()
    if len(kinds) != 1 or not kinds <= {"create", "remove"}:
        return "INVALID_ENCODING"
    identifiers = operation[next(iter(kinds))].get("userIdentifiers") or []
    if not identifiers:
        return "MISSING_USER_IDENTIFIER"
    if len(identifiers) > OF_OPERATION:
        return "TOO_MANY_USER_IDENTIFIERS"
    return next((code for code in map(_fault_of_identifier, identifiers) if code), None)


def _fault_of_identifier(identifier: Payload) -> str | None:
    if len(identifier) != 1:
        return "INCOMPATIBLE_USER_IDENTIFIER"
    ((kind, value),) = identifier.items()
    if kind in _HASHED:
        return None if _SHA256.fullmatch(str(value)) else "INVALID_SHA256_FORMAT"
    if kind != "addressInfo" or set(value) != set(_ADDRESS):
        return "INCOMPATIBLE_USER_IDENTIFIER"
    if not re.fullmatch("[A-Z]{2}", value["countryCode"]):
        return "INVALID_COUNTRY_CODE"
    hashed = all(_SHA256.fullmatch(value[part]) for part in _ADDRESS[:2])
    return None if hashed else "INVALID_SHA256_FORMAT"
