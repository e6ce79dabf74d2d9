"""X: posts that mention the company, direct messages, and the users who wrote them, over the API v2.

Users come with the posts and messages that name them (`includes.users`), so they cost no request of their own.
Messages are listed newest first and cannot be filtered by time: paging stops at the first page that is known whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import dlt
from dlt.extract import DltResource
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator

from orchestration.settings import XSettings
from orchestration.sources.client import PATIENT, Fault, Patience, Vendor, dig
from orchestration.sources.rows import Row, behind, into, raw_rows, stream

_USER_FIELDS: Final = "id,name,username,location,created_at,description,verified"
_PAGE: Final = 100


@dlt.source
def x(settings: XSettings, patience: Patience = PATIENT) -> Sequence[DltResource]:
    """Resources `mentions` and `direct_messages`, each incremental on `created_at`; both also fill `users`."""
    account = Account(settings, patience)
    return [stream("mentions", account.mentions), stream("direct_messages", account.direct_messages)]


class Account:
    """The API as one company account sees it."""

    def __init__(self, settings: XSettings, patience: Patience) -> None:
        """Prepare a client; nothing is sent yet."""
        self._vendor = Vendor(settings.url, read_fault, patience)
        self._auth = BearerTokenAuth(settings.bearer_token.get_secret_value())
        self._user_id = settings.user_id

    def mentions(self, since: str | None) -> Iterator[Any]:
        """Pages of raw posts, each followed by the users in it."""
        params: dict[str, Any] = {
            "tweet.fields": "id,text,created_at,author_id,conversation_id,lang,in_reply_to_user_id",
            "expansions": "author_id",
        }
        if since:
            params["start_time"] = f"{since}Z"
        for body, posts in self._pages("mentions", f"/2/users/{self._user_id}/mentions", params):
            yield _rows(posts)
            yield into("users", users_of(body, posts, ("author_id",)))

    def direct_messages(self, since: str | None) -> Iterator[Any]:
        """Pages of raw messages, newest first, each followed by the users in it."""
        params = {
            "dm_event.fields": "id,text,event_type,created_at,sender_id,dm_conversation_id,participant_ids",
            "event_types": "MessageCreate",
            "expansions": "sender_id,participant_ids",
        }
        for body, messages in self._pages("direct_messages", "/2/dm_events", params):
            rows = _rows(messages)
            yield rows
            yield into("users", users_of(body, messages, ("sender_id", "participant_ids")))
            if behind(rows, since):
                return

    def _pages(self, name: str, path: str, params: dict[str, Any]) -> Iterator[tuple[dict[str, Any], list[Any]]]:
        for page in self._vendor.pages(
            name,
            path,
            records="data",
            may_be_absent=True,
            paginator=JSONResponseCursorPaginator(cursor_path="meta.next_token", cursor_param="pagination_token"),
            auth=self._auth,
            params={"max_results": _PAGE, "user.fields": _USER_FIELDS, **params},
        ):
            yield page.response.json(), list(page)


def users_of(body: dict[str, Any], objects: list[Any], roles: Sequence[str]) -> list[Row]:
    """Raw rows of the users that came with a page; the cursor of a user is that of the latest object naming them.

    Args:
        body: the page.
        objects: its posts or messages.
        roles: the fields that name users, by id or list of ids.
    """
    latest: dict[str, str] = {}
    for thing in objects:
        if not isinstance(thing, dict) or not isinstance(at := thing.get("created_at"), str):
            continue
        for role in roles:
            named = thing.get(role)
            for user_id in named if isinstance(named, list) else [named]:
                if isinstance(user_id, str):
                    latest[user_id] = max(latest.get(user_id, at), at)
    users = dig(body, "includes.users")
    rows = raw_rows(users if isinstance(users, list) else [], native_id=_id, cursor=lambda _: None)
    return [{**row, "cursor_value": latest.get(row["native_id"] or "")} for row in rows]


def _rows(objects: list[Any]) -> list[Row]:
    return raw_rows(objects, native_id=_id, cursor=lambda it: it.get("created_at"))


def _id(thing: dict[str, Any]) -> object:
    return thing.get("id")


def read_fault(status: int, body: Any) -> Fault | None:
    """X sends a problem (`title`, `detail`).

    In a 200, `errors` beside `data` name objects that cannot be shown; alone, they are why there is no answer.
    """
    if not isinstance(body, dict):
        return Fault() if status >= 400 else None
    if status >= 400:
        return Fault(body.get("title"), body.get("detail"))
    if isinstance(body.get("meta"), dict):
        return None
    first = dig(body, "errors.[0]")
    return Fault(dig(first, "title"), dig(first, "detail") or "the answer has no meta")
