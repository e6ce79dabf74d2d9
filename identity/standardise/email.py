"""E-mail addresses: the form to deliver to, the key to compare, and why one is not worth comparing."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from identity.standardise.words import words

_ADDRESS: Final = re.compile(
    r"^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$"
)
_WRAPPED: Final = re.compile(r"<([^<>]*@[^<>]*)>\s*$")
# Gmail ignores dots and both names of the domain reach one mailbox (support.google.com/mail/answer/7436150).
_DOTS_IGNORED: Final = frozenset({"gmail.com", "googlemail.com"})
_RESERVED_DOMAINS: Final = frozenset({"example.com", "example.org", "example.net", "test.com", "test.de", "email.com"})
_RESERVED_TOP: Final = frozenset({"test", "invalid", "localhost", "local"})  # RFC 2606
_PLACEHOLDER_LOCAL: Final = words(
    "test tests testing tester none null na n.a nil nobody noname noemail no.email no-email nomail no-mail unknown "
    "anonymous anon guest fake dummy example sample asdf asd qwerty abc xxx aaa a x user email mail kunde"
)
_MACHINE_LOCAL: Final = words(
    "noreply no-reply no.reply no_reply donotreply do-not-reply donotreply mailer-daemon postmaster bounce bounces "
    "notifications notification"
)
_NOTHING: Final = words("none null nan na n/a n.a. nil no - -- . .. ? unknown unbekannt no@email nomail keine")


@dataclass(frozen=True)
class Email:
    """One address. `value` and `match_key` are null when there is nothing to deliver to or to compare."""

    value: str | None
    match_key: str | None
    is_valid: bool
    rejection_reason: str | None


def standardise_email(raw: str) -> Email:
    """Read one address as written.

    `value` is deliverable: trimmed, lower-cased, taken out of `Name <address>`. `match_key` also drops a plus tag and,
    where the provider ignores them, dots. A junk address (a placeholder, a machine's) is rejected but keeps `value`, so
    that it can be shown; one that is nearly an address (`ann@mail.c`) keeps its `match_key`, to be compared.
    """
    text = unicodedata.normalize("NFKC", raw).strip().strip("\"';,").lower()
    text = text.removeprefix("mailto:")
    wrapped = _WRAPPED.search(text)
    if wrapped:
        text = wrapped.group(1)
    text = text.replace("(at)", "@").replace("[at]", "@").replace(" ", "")
    if not text or text in _NOTHING:
        return Email(None, None, False, "no address")
    local, at, domain = text.rpartition("@")
    if not at or not local or not domain:
        return Email(None, None, False, "not an e-mail address")
    tagless = local.split("+", 1)[0] or local
    if tagless in _MACHINE_LOCAL:
        return Email(text, None, False, "an address of a machine, not of a person")
    if tagless in _PLACEHOLDER_LOCAL or (domain in _RESERVED_DOMAINS and len(set(tagless)) <= 2):
        return Email(text, None, False, "a placeholder")
    if domain in _RESERVED_DOMAINS or domain.rpartition(".")[2] in _RESERVED_TOP:
        return Email(text, None, False, "a reserved domain")
    if domain in _DOTS_IGNORED:
        tagless, domain = tagless.replace(".", "") or tagless, "gmail.com"
    key = f"{tagless}@{domain}"
    if not _ADDRESS.match(text):
        return Email(None, key, False, "not an e-mail address")
    return Email(text, key, True, None)
