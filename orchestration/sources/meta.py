"""Meta: conversations and messages of Instagram and Messenger, comments below the company's Instagram posts.

The Graph API lists conversations newest first and filters nothing by time, so paging stops where the last load began.
Messages and comments are expanded inside their conversation or post; what does not fit is fetched by their own links.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, Final

import dlt
from dlt.common.configuration import configspec
from dlt.common.typing import TSecretStrValue
from dlt.extract import DltResource
from dlt.sources.helpers.rest_client.auth import AuthConfigBase
from dlt.sources.helpers.rest_client.paginators import JSONLinkPaginator
from requests import PreparedRequest

from orchestration.settings import MetaSettings
from orchestration.sources.client import PATIENT, Fault, Patience, Vendor, dig
from orchestration.sources.rows import Row, behind, into, raw_rows, stream

PLATFORMS: Final = ("instagram", "messenger")
_PAGE: Final = 50
_MESSAGES: Final = f"messages.limit({_PAGE}){{id,created_time,from,to,message}}"
_COMMENTS: Final = f"comments.limit({_PAGE}){{id,text,timestamp,username,from}}"
_RATE_LIMITS: Final = {4, 17, 32, 613}  # of the app, the user, the Page, this kind of call
_PASSING: Final = {1, 2}  # "an unknown error", "service temporarily unavailable"


@configspec
class PageToken(AuthConfigBase):
    """The access token as a query parameter, except where the vendor's own link carries it already."""

    token: TSecretStrValue | None = None

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign one request."""
        if request.url and "access_token=" not in request.url:
            request.prepare_url(request.url, {"access_token": self.token})
        return request


@dlt.source
def meta(settings: MetaSettings, patience: Patience = PATIENT) -> Sequence[DltResource]:
    """Resources `conversations` (also fills `messages`) and `comments`, each incremental on its time."""
    page = Page(settings, patience)
    return [stream("conversations", page.conversations), stream("comments", page.comments)]


class Page:
    """The Graph API as one Page and its Instagram account see it."""

    def __init__(self, settings: MetaSettings, patience: Patience) -> None:
        """Prepare a client; nothing is sent yet."""
        self._vendor = Vendor(f"{settings.url}/{settings.api_version}", read_fault, patience)
        self._auth = PageToken(settings.access_token.get_secret_value())
        self._page_id, self._instagram_id = settings.page_id, settings.instagram_account_id

    def conversations(self, since: str | None) -> Iterator[Any]:
        """Pages of raw conversations, newest first, each followed by the new messages in them."""
        for platform in PLATFORMS:
            params = {"platform": platform, "fields": f"id,updated_time,participants,{_MESSAGES}", "limit": _PAGE}
            for talks in self._pages("conversations", f"/{self._page_id}/conversations", params):
                bare = [_without(talk, "messages") | {"platform": platform} for talk in talks if isinstance(talk, dict)]
                broken = [talk for talk in talks if not isinstance(talk, dict)]
                rows = raw_rows([*bare, *broken], native_id=_id, cursor=lambda it: it.get("updated_time"))
                yield rows
                for talk in talks:
                    about = {"conversation_id": talk.get("id"), "platform": platform} if isinstance(talk, dict) else {}
                    for found in self._below("messages", talk, since, about, "created_time"):
                        yield into("messages", found)
                if behind(rows, since):
                    break

    def comments(self, since: str | None) -> Iterator[list[Row]]:
        """Pages of raw comments of every post; an old post may have a new comment."""
        params = {"fields": f"id,timestamp,{_COMMENTS}", "limit": _PAGE}
        for posts in self._pages("comments", f"/{self._instagram_id}/media", params):
            for post in posts:
                about = {"media_id": post.get("id")} if isinstance(post, dict) else {}
                yield from self._below("comments", post, since, about, "timestamp")

    def _below(self, edge: str, parent: Any, since: str | None, about: dict[str, Any], at: str) -> Iterator[list[Row]]:
        """What hangs below a conversation or a post, newest first, with `about` added to each."""
        first = dig(parent, f"{edge}.data")
        link = dig(parent, f"{edge}.paging.next")
        further = self._pages(edge, link, None) if isinstance(link, str) else ()
        for nodes in chain([first] if isinstance(first, list) else [], further):
            complete = [{**node, **about} if isinstance(node, dict) else node for node in nodes]
            rows = raw_rows(complete, native_id=_id, cursor=lambda it: it.get(at))
            yield rows
            if behind(rows, since):
                return

    def _pages(self, name: str, path: str, params: dict[str, Any] | None) -> Iterator[list[Any]]:
        return self._vendor.pages(
            name, path, records="data", paginator=JSONLinkPaginator("paging.next"), auth=self._auth, params=params
        )


def _without(node: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key != name}


def _id(thing: dict[str, Any]) -> object:
    return thing.get("id")


def read_fault(status: int, body: Any) -> Fault | None:
    """Meta says `error` with a number; the number, not the status, tells a rate limit from a refusal."""
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, dict):
        code = error.get("code")
        return Fault(str(code), error.get("message"), retry=code in _RATE_LIMITS | _PASSING)
    return Fault() if status >= 400 else None
