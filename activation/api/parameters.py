"""Parameters that several routes share."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Path, Query

from activation.api.access import Caller, Scope, require

# Postgres text holds no NUL; such a value can match nothing and would be an error further down.
TEXT: Final = r"^[^\x00]*$"

_LONGEST: Final = 320  # of an e-mail address (RFC 5321); longer than any other identifier
_LONGEST_CURSOR: Final = 2000

CustomerId = Annotated[
    str,
    Path(
        description="any customer id ever issued; a merged one answers as its successor",
        pattern=TEXT,
        max_length=_LONGEST,
        examples=["cus_01J9ZK3V8Q"],
    ),
]
SegmentName = Annotated[
    str, Path(description="as /v1/segments names it", pattern=TEXT, max_length=_LONGEST, examples=["vip"])
]
Cursor = Annotated[
    str | None,
    Query(
        description="`next_cursor` of the page before",
        pattern=TEXT,
        max_length=_LONGEST_CURSOR,
        examples=["WyIyMDI2LTA1LTMxVDA5OjEyOjAwKzAwOjAwIiwgInNob3BpZnk6b3JkZXI6NDUwNzg5NDY5Il0"],
    ),
]
Asked = Annotated[str | None, Query(pattern=TEXT, max_length=_LONGEST)]
Word = Annotated[str, Query(pattern=TEXT, max_length=_LONGEST)]

Reader = Annotated[Caller, Depends(require(Scope.SUPPORT, Scope.MARKETING, Scope.STEWARD))]
"""Who may read profiles and segments, masked or not."""

Steward = Annotated[Caller, Depends(require(Scope.STEWARD))]
"""Who may see how the records of a customer hold together."""
