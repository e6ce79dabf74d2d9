"""dlt's REST client with one judge for every answer: what is data, what is worth a retry, what is an error."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from dlt.common.configuration.specs import RuntimeConfiguration
from dlt.sources.helpers.requests import Client
from dlt.sources.helpers.rest_client.auth import AuthConfigBase
from dlt.sources.helpers.rest_client.client import PageData, RESTClient
from dlt.sources.helpers.rest_client.paginators import BasePaginator
from requests import Response, Session

from orchestration.sources.errors import VendorError

_UNSTORABLE = re.compile(rb"\\u0000|\\u[dD][89a-fA-F]|[0-9]{19}")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_INT64 = range(-(2**63), 2**63)


@dataclass(frozen=True)
class Patience:
    """How long a source keeps asking before it gives up."""

    attempts: int = 6
    backoff: float = 0.5  # seconds before the second attempt, doubled each time
    longest_wait: float = 900  # seconds; X closes a window for a quarter of an hour
    timeout: float = 60  # seconds for one answer


PATIENT: Final = Patience()
"""What a source is given unless a caller knows better."""


@dataclass(frozen=True)
class Fault:
    """What a vendor says went wrong, in its own words. `retry` when its documentation says to ask again."""

    code: str | None = None
    message: str | None = None
    retry: bool = False


ReadFault = Callable[[int, Any], Fault | None]
"""Status and body (None when it is no JSON) to the vendor's fault, None when the answer is data."""


class Vendor:
    """One vendor's API: every page is checked before it counts as data."""

    def __init__(
        self, url: str, read_fault: ReadFault, patience: Patience, headers: Mapping[str, str] | None = None
    ) -> None:
        """Prepare a client for `url`; nothing is sent yet."""
        self._read_fault = read_fault
        client = Client(
            request_timeout=patience.timeout,
            raise_for_status=False,
            status_codes=(),  # `judge` alone decides
            request_max_attempts=patience.attempts,
            request_backoff_factor=patience.backoff,
            request_max_retry_delay=patience.longest_wait,
            retry_condition=lambda _, error: isinstance(error, VendorError) and error.retry,
            session_attrs={"hooks": {"response": [self._judge(None, None)]}},
        )
        self.session: Session = client.session
        self._client = RESTClient(url, headers=dict(headers or {}), session=self.session, config=RuntimeConfiguration())

    def pages(
        self,
        stream: str,
        path: str,
        *,
        records: str,
        paginator: BasePaginator,
        may_be_absent: bool = False,
        auth: AuthConfigBase | None = None,
        method: Literal["GET", "POST"] = "GET",
        params: dict[str, Any] | None = None,
        body: dict[str, Any] | None = None,
    ) -> Iterator[PageData[Any]]:
        """Every page of one listing.

        Args:
            stream: for error messages.
            path: below the vendor's URL.
            records: dotted path of the list of records in an answer.
            paginator: how the vendor pages.
            may_be_absent: whether the vendor leaves the list out when it is empty.
            auth: how requests are signed, when the headers do not do it.
            method: of the HTTP request.
            params: query parameters of the first request.
            body: JSON body of the first request.

        Raises:
            VendorError: if the vendor's last word is no page of data.
        """
        return self._client.paginate(
            path,
            method=method,
            params=params,
            json=body,
            auth=auth,
            paginator=paginator,
            data_selector=records,
            hooks={"response": [self._judge(stream, None if may_be_absent else records)]},
        )

    def _judge(self, stream: str | None, records: str | None) -> Callable[..., None]:
        def judge(response: Response, *_: object, **__: object) -> None:
            if response.is_redirect:
                return
            body, readable = _parse(response)
            fault = self._read_fault(response.status_code, body)
            if response.status_code >= 400 or fault is not None:
                fault = fault or Fault()
                _plain_retry_after(response)
                again = fault.retry or response.status_code == 429 or response.status_code >= 500
                raise VendorError(response, stream=stream, code=fault.code, message=fault.message, retry=again)
            if not readable:
                raise VendorError(
                    response, stream=stream, code=None, message="the answer is cut off or is no JSON", retry=True
                )
            if records is not None and not isinstance(dig(body, records), list):
                raise VendorError(
                    response, stream=stream, code=None, message=f"the answer has no list at {records}", retry=False
                )
            # dlt parses the body again for records and for the next page; once is enough.
            response.json = lambda **_: body  # type: ignore[method-assign]

        return judge


def dig(body: Any, path: str) -> Any:
    """The value at a dotted path of nested objects (`[0]` is a place in a list), None when there is none."""
    for key in path.split("."):
        if key.startswith("["):
            place = int(key[1:-1])
            body = body[place] if isinstance(body, list) and place < len(body) else None
        else:
            body = body.get(key) if isinstance(body, dict) else None
    return body


def _parse(response: Response) -> tuple[Any, bool]:
    try:
        content = response.content
        body = json.loads(content.decode("utf-8", errors="replace"))
    except ValueError:
        return None, False
    return (storable(body) if _UNSTORABLE.search(content) else body), True


def storable(value: Any) -> Any:
    r"""Replace what Postgres cannot hold in jsonb: `\u0000`, half a surrogate pair, integers beyond 64 bits."""
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value.replace("\x00", ""))
    if isinstance(value, dict):
        return {storable(key): storable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [storable(inner) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool) and value not in _INT64:
        return str(value)
    return value


def _plain_retry_after(response: Response) -> None:
    """dlt's retry reads Retry-After as whole seconds; Shopify sends `2.0`, X the time of its reset elsewhere."""
    seconds = response.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d+\.\d+", seconds):
        response.headers["Retry-After"] = str(math.ceil(float(seconds)))
    reset = response.headers.get("x-rate-limit-reset", "")
    if response.status_code == 429 and not seconds and reset.isdigit():
        response.headers["Retry-After"] = str(max(1, int(reset) - int(time.time())))
