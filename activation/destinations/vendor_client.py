"""An HTTP client for one vendor: waits when told to wait, tries again what may heal, and says plainly what will not."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx
import tenacity
from pydantic import BaseModel, ConfigDict, Field

from activation.sync.destination import BatchRejected, DestinationError

_LONGEST_REASON: Final = 300


class RetryPolicy(BaseModel):
    """How patient a client is; all times in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    attempts: int = Field(default=6, ge=1)
    first_wait: float = Field(default=0.5, ge=0)
    longest_wait: float = Field(default=120, ge=0, description="also the longest Retry-After that is waited for")
    timeout: float = Field(default=30, gt=0, description="for one request")


class AnswerLost(Exception):
    """A request that may not be repeated blindly was sent, and whether the vendor carried it out is not known."""

    def __init__(self, what: str, retry_after: float | None = None) -> None:
        """Keep what happened and how long the vendor asked to wait, in seconds."""
        super().__init__(what)
        self.retry_after = retry_after


class Refused(BatchRejected):
    """The vendor refused what was sent: the status and the JSON of its answer."""

    def __init__(self, status: int, reason: str, body: Any = None) -> None:
        """Keep the answer; `reason` is without personal data, `body` as the vendor sent it."""
        super().__init__(f"{status}: {reason}")
        self.status, self.body = status, body


class Passing(Exception):
    """A fault that may heal; `retry_after` is what the vendor asked for, `sent` that the request may be done."""

    def __init__(self, what: str, retry_after: float | None = None, *, sent: bool = True) -> None:
        """Keep what happened, in words that end a sentence such as `Meta answered code 17`."""
        super().__init__(what)
        self.retry_after, self.sent, self.is_timeout = retry_after, sent, False


# What fails before a request has left: nothing was done, so asking again does no harm.
_UNSENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class VendorClient:
    """Speaks JSON to one vendor."""

    def __init__(
        self,
        vendor: str,
        url: str,
        auth: httpx.Auth,
        check: str,
        retry: RetryPolicy,
        *,
        headers: Mapping[str, str] | None = None,
        spent: Callable[[int, Any], bool] | None = None,
        judge: Callable[[httpx.Response], None] | None = None,
        answers_json: bool = True,
    ) -> None:
        """Prepare a client; no request is made.

        Args:
            vendor: the name to use in errors.
            url: where the vendor's API is.
            auth: credentials; they appear in no error.
            check: the settings to name when the vendor refuses the credentials.
            retry: how patient to be.
            headers: sent with every request.
            spent: whether a refusal (status, body) says that an allowance is spent that no short wait refills.
            judge: for a vendor whose refusals say more than their status: raises `Passing`, `BatchRejected` or
                `DestinationError`, or returns when the status alone decides.
            answers_json: a body that is no JSON is a fault; if not, it says nothing.
        """
        self.vendor = vendor
        self._check = check
        self.retry = retry
        self._spent, self._judge, self._answers_json = spent, judge, answers_json
        self._http = httpx.Client(
            base_url=url, auth=auth, timeout=retry.timeout, follow_redirects=False, headers=dict(headers or {})
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def request(self, method: str, path: str, json: Any = None, *, once: bool = False) -> dict[str, Any]:
        """Make one request, as often as it takes, and return the JSON object of the answer.

        Args:
            method: of HTTP.
            path: below the vendor's URL, with its query.
            json: the body.
            once: the request is not to be repeated when it may have been carried out.

        Raises:
            Refused: on 400, 404, 409, 413 or 422: the vendor refuses what was sent.
            AnswerLost: with `once`, when the request was sent and no whole answer came back.
            DestinationError: on any other refusal, or when a passing fault did not pass.
        """
        body = self.exchange(method, path, json, once=once)
        if not isinstance(body, dict):
            raise DestinationError(
                f"{self.vendor} answered {method} {path} with JSON that is not an object; check {self._check}"
            )
        return body

    def exchange(self, method: str, path: str, json: Any = None, *, once: bool = False) -> Any:
        """As `request`, for answers of any form: the parsed JSON, None where the answer has no body."""
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self.retry.attempts),
            wait=self._wait,
            retry=tenacity.retry_if_exception(lambda e: isinstance(e, Passing) and not (once and e.sent)),
            reraise=True,
        )
        try:
            return retrying(self._once, method, path, json)
        except Passing as fault:
            if once and fault.sent:
                # A vendor that works longer than we listen may finish yet: it is given as long again.
                wait = self.retry.timeout if fault.is_timeout else fault.retry_after
                raise AnswerLost(str(fault), wait) from None
            raise DestinationError(
                f"{self.vendor} did not recover: {fault} to {method} {shown(path)}, {self.retry.attempts} times. "
                "Nothing is lost; run the sync again later."
            ) from None

    def _once(self, method: str, path: str, json: Any) -> Any:
        try:
            response = self._http.request(method, path, json=json)
        except httpx.InvalidURL:
            raise DestinationError(f"{self.vendor} has no valid URL; check {self._check}") from None
        except httpx.TransportError as error:
            fault = Passing(f"no answer ({type(error).__name__})", sent=not isinstance(error, _UNSENT))
            fault.is_timeout = isinstance(error, httpx.TimeoutException)
            raise fault from None
        status = response.status_code
        if not response.is_success:
            self._refuse(method, shown(path), status, response)
        if not response.content:
            return None
        try:
            return response.json()
        except ValueError:
            if not self._answers_json:
                return None
            raise Passing("answered with a body that is not JSON") from None

    def _refuse(self, method: str, path: str, status: int, response: httpx.Response) -> None:
        try:
            if self._judge is not None:
                self._judge(response)
            self._by_status(method, path, status, response)
        except Passing as fault:
            if fault.retry_after is not None and fault.retry_after > self.retry.longest_wait:
                raise DestinationError(
                    f"{self.vendor} asks to wait {fault.retry_after:.0f} s before {method} {path}, longer than the "
                    f"{self.retry.longest_wait:.0f} s that a sync waits; run it again later."
                ) from None
            raise

    def _by_status(self, method: str, path: str, status: int, response: httpx.Response) -> None:
        body = _parsed(response)
        reason = without_personal_data(reason_in(body))
        if self._spent is not None and self._spent(status, body):
            raise DestinationError(
                f"{self.vendor} takes no more requests for now ({status}: {reason}); run the sync again later."
            )
        if status == 429 or status >= 500:
            # A request over the limit was not carried out; of one that failed nobody knows.
            raise Passing(f"answered {status}", retry_after(response.headers.get("retry-after")), sent=status != 429)
        if status in (401, 403):
            raise DestinationError(
                f"{self.vendor} refuses the credentials ({status} to {method} {path}); check {self._check}"
            )
        if status in (400, 404, 409, 413, 422):
            raise Refused(status, reason, body)
        raise DestinationError(f"{self.vendor} answered {status} to {method} {path}; check {self._check}")

    def _wait(self, state: tenacity.RetryCallState) -> float:
        fault = state.outcome.exception() if state.outcome else None
        if isinstance(fault, Passing) and fault.retry_after is not None:
            return fault.retry_after
        return self.pause(state.attempt_number)

    def pause(self, attempt: int) -> float:
        """Seconds to wait after that attempt, counted from 1; half of it is chance.

        So clients that fell together do not come back together.
        """
        doubled = self.retry.first_wait * 2.0 ** (attempt - 1)
        return min(doubled, self.retry.longest_wait) * random.uniform(0.5, 1.0)  # noqa: S311


def shown(path: str) -> str:
    """A path as errors may show it: a query may hold addresses."""
    return path.split("?", 1)[0]


def retry_after(header: str | None) -> float | None:
    """Seconds to wait from a Retry-After header, which is a number or a date; None when it is neither."""
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            moment = parsedate_to_datetime(header)
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        seconds = (moment - datetime.now(UTC)).total_seconds()
    return max(seconds, 0.0) if seconds < float("inf") else None


_EMAIL: Final = re.compile(r"[^\s@<>\"(),:;]+@[^\s@<>\"(),:;]+")  # an apostrophe is part of some addresses
_NUMBER: Final = re.compile(r"\+?\d[\d\s().\-/]{5,}\d")


def without_personal_data(reason: str) -> str:
    """A vendor's reason with e-mail addresses, long numbers and quoted values taken out, and cut to 300 characters."""
    reason = _EMAIL.sub("<e-mail>", reason)
    reason = re.sub(r"\"[^\"]*\"|'[^']*'|“[^”]*”", "<value>", reason)
    reason = _NUMBER.sub("<number>", reason)
    return reason[:_LONGEST_REASON]


def _parsed(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def reason_in(body: Any) -> str:
    """What a refusal says, in the vendors' forms: an object, JSON:API's list `errors`, Salesforce's bare list."""
    if isinstance(body, list):
        said = [f"{one.get('errorCode', '')} {one.get('message', '')}".strip() for one in body if isinstance(one, dict)]
    elif isinstance(body, dict) and isinstance(body.get("errors"), list) and "message" not in body:
        said = [str(one.get("detail") or one.get("title") or "") for one in body["errors"] if isinstance(one, dict)]
    elif isinstance(body, dict):
        parts = [body.get("error"), body.get("description"), body.get("message")]
        said = [str((p.get("message") or p.get("title")) if isinstance(p, dict) else p) for p in parts if p]
    else:
        said = []
    return " ".join(part for part in said if part) or "no reason given"
