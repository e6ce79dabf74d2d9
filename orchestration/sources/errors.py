"""What can go wrong at a vendor, said in one line that names the stream and what to do, without secrets or people."""

from __future__ import annotations

import re
from collections.abc import Iterator

from requests import HTTPError, Response
from requests.exceptions import ChunkedEncodingError, RequestException, Timeout
from requests.exceptions import ConnectionError as RequestsConnectionError

LONGEST_MESSAGE = 240

_EMAIL = re.compile(r"[^\s@\"<>,;]+@[^\s@\"<>,;]+")  # an apostrophe is part of some addresses
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_FIELD_NAME = re.compile(r"['\"]\w*_\w*['\"]")
_SECRET = re.compile(r"(?=\S*\d)[A-Za-z0-9_\-.|=/+%&?:]{20,}")
_NUMBER = re.compile(r"\+?\d[\d\s().-]{3,}\d")


class SourceError(RuntimeError):
    """A source could not be loaded; the message names source and stream and says what to do next."""

    def __init__(self, source: str, stream: str | None, what: str, advice: str) -> None:
        """Build `source.stream: what. advice`."""
        self.source = source
        self.stream = stream
        where = f"{source}.{stream}" if stream else source
        super().__init__(f"{where}: {what.rstrip('.')}. {advice}")


class VendorError(HTTPError):
    """A vendor's answer that is no data. `retry`: whether asking again may help."""

    def __init__(
        self, response: Response, *, stream: str | None, code: str | None, message: str | None, retry: bool
    ) -> None:
        """Keep the vendor's own code and a redacted, bounded form of its message."""
        self.stream = stream
        self.status = response.status_code
        self.retry = retry
        said = ": ".join(part for part in (redact(code), redact(message)) if part)
        reason = f" {response.reason}" if isinstance(response.reason, str) and response.reason else ""
        self.what = f"HTTP {self.status}{reason}" + (f" ({said})" if said else "")
        super().__init__(self.what, response=response)


def redact(text: str | None) -> str:
    """Take e-mail addresses, numbers, tokens and quoted values out of a vendor's message, and bound its length.

    A quoted name with an underscore stays: it is a field, and the reader needs it.
    """
    if not text:
        return ""
    text = " ".join(text.split())
    text = _EMAIL.sub("<e-mail>", text)
    text = _QUOTED.sub(lambda found: found[0] if _FIELD_NAME.fullmatch(found[0]) else "<value>", text)
    text = _SECRET.sub("<token>", text)
    text = _NUMBER.sub("<number>", text)
    return text if len(text) <= LONGEST_MESSAGE else text[:LONGEST_MESSAGE] + "…"


def translate(error: BaseException, source: str, credentials: str, address: str) -> SourceError:
    """Find the cause of a failed load in dlt's nested exceptions and say it plainly.

    Args:
        error: what dlt raised.
        source: the source that was being loaded.
        credentials: the settings that hold its credentials, as the environment spells them.
        address: the setting that holds its URL or folder.
    """
    chain = list(_causes(error))
    stream = next((name for cause in chain if (name := getattr(cause, "pipe_name", None))), None)
    for cause in chain:
        if isinstance(cause, SourceError):
            return cause
        if isinstance(cause, VendorError):
            return SourceError(source, cause.stream or stream, cause.what, _advice(cause.status, credentials))
    for cause in chain:
        if isinstance(cause, Timeout):
            return SourceError(source, stream, "the vendor did not answer in time", _later(address))
        if isinstance(cause, RequestsConnectionError | ChunkedEncodingError):
            return SourceError(source, stream, "the connection failed or was reset, every retry too", _later(address))
        if isinstance(cause, RequestException):
            return SourceError(source, stream, f"the request failed ({type(cause).__name__})", _later(address))
    root = chain[-1]
    # Only the first line: databases repeat rows in the lines below.
    said = redact(str(root).strip().partition("\n")[0])
    step = next((name for cause in chain if (name := getattr(cause, "step", None))), "load")
    return SourceError(
        source,
        stream,
        f"the {step} step failed ({type(root).__module__}.{type(root).__name__}: {said})",
        "Nothing of this load was published; run again, and report it if it stays",
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        inner = getattr(current, "exception", None)
        current = current.__cause__ or (inner if isinstance(inner, BaseException) else None) or current.__context__


def _advice(status: int, credentials: str) -> str:
    if status in (401, 403):
        return f"Check {credentials}: wrong, expired, or without the right to read this"
    if status == 429:
        return "The rate limit held through every retry; run again later"
    if status >= 500:
        return "The vendor kept failing through every retry; nothing was published, run again later"
    return f"The vendor refused the request; check {credentials} and what this account may read"


def _later(address: str) -> str:
    return f"Check {address} and the network, then run again; nothing was published"
