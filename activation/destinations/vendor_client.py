"""An HTTP client for one vendor: waits when told to wait, tries again what may heal, and says plainly what will not."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
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


class _Passing(Exception):
    """A fault that may heal; `retry_after` is what the vendor asked for."""

    def __init__(self, what: str, retry_after: float | None = None) -> None:
        super().__init__(what)
        self.retry_after = retry_after


class VendorClient:
    """Speaks JSON to one vendor. Only for requests that may be repeated without harm."""

    def __init__(self, vendor: str, url: str, auth: httpx.Auth, check: str, retry: RetryPolicy) -> None:
        """Prepare a client; no request is made.

        Args:
            vendor: the name to use in errors.
            url: where the vendor's API is.
            auth: credentials; they appear in no error.
            check: the settings to name when the vendor refuses the credentials.
            retry: how patient to be.
        """
        self._vendor = vendor
        self._check = check
        self._retry = retry
        self._http = httpx.Client(base_url=url, auth=auth, timeout=retry.timeout, follow_redirects=False)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def request(self, method: str, path: str, json: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Make one request, as often as it takes, and return the JSON object of the answer.

        Raises:
            BatchRejected: on 400, 413 or 422: the vendor refuses what was sent.
            DestinationError: on any other refusal, or when a passing fault did not pass.
        """
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self._retry.attempts),
            wait=self._wait,
            retry=tenacity.retry_if_exception_type(_Passing),
            reraise=True,
        )
        try:
            return retrying(self._once, method, path, json)
        except _Passing as fault:
            raise DestinationError(
                f"{self._vendor} did not recover: {fault} to {method} {path}, {self._retry.attempts} times. "
                "Nothing is lost; run the sync again later."
            ) from None

    def _once(self, method: str, path: str, json: Mapping[str, Any] | None) -> dict[str, Any]:
        try:
            response = self._http.request(method, path, json=json)
        except httpx.InvalidURL:
            raise DestinationError(f"{self._vendor} has no valid URL; check {self._check}") from None
        except httpx.TransportError as error:
            raise _Passing(f"no answer ({type(error).__name__})") from None
        status = response.status_code
        if status == 429 or status >= 500:
            wait = retry_after(response.headers.get("retry-after"))
            if wait is not None and wait > self._retry.longest_wait:
                raise DestinationError(
                    f"{self._vendor} asks to wait {wait:.0f} s before {method} {path}, longer than the "
                    f"{self._retry.longest_wait:.0f} s that a sync waits; run it again later."
                )
            raise _Passing(f"answered {status}", wait)
        if status in (401, 403):
            raise DestinationError(
                f"{self._vendor} refuses the credentials ({status} to {method} {path}); check {self._check}"
            )
        if status in (400, 413, 422):
            raise BatchRejected(f"{status}: {without_personal_data(_reason(response))}")
        if not response.is_success:
            raise DestinationError(f"{self._vendor} answered {status} to {method} {path}; check {self._check}")
        try:
            body = response.json()
        except ValueError:
            raise _Passing("answered with a body that is not JSON") from None
        if not isinstance(body, dict):
            raise _Passing("answered with JSON that is not an object")
        return body

    def _wait(self, state: tenacity.RetryCallState) -> float:
        fault = state.outcome.exception() if state.outcome else None
        if isinstance(fault, _Passing) and fault.retry_after is not None:
            return fault.retry_after
        doubled = self._retry.first_wait * 2.0 ** (state.attempt_number - 1)
        # Half of it is chance, so that clients which fell together do not come back together.
        return min(doubled, self._retry.longest_wait) * random.uniform(0.5, 1.0)  # noqa: S311


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


def _reason(response: httpx.Response) -> str:
    try:
        body = response.json()
    except ValueError:
        return "no reason given"
    if not isinstance(body, dict):
        return "no reason given"
    parts = [body.get("error"), body.get("description"), body.get("message")]
    said = [part.get("message") or part.get("title") if isinstance(part, dict) else part for part in parts]
    return " ".join(str(part) for part in said if part) or "no reason given"
