"""Whom a row of a raw stream belongs to: one list for export, for erasure and for the check at staging.

The payload is the vendor's own, so each stream says in SQL where a person is named in it. `t` is the raw table; what is
not there is null, and a null in a list is nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class RawStream:
    """One raw stream that holds personal data.

    Attributes:
        source: as in `raw_<source>`.
        stream: the table.
        own: the record id of the person that the row is, when it is one; SQL of type text.
        people: the record ids of those it belongs to; SQL of type text[].
        links: the record ids of others that it points to: the same person in another system, or the other side of a
            conversation; SQL of type text[].
        emails, phones, handles: contact points as sent, handles as `platform:name`; SQL of type text[].
        country: where a phone number without a country code is read; SQL of type text.
        thing: what other rows hang on (a ticket, an order, a conversation); SQL of type text.
        part_of: the thing that the row hangs on; SQL of type text.
        interaction: the id of its touchpoint in marts; SQL of type text.
    """

    source: str
    stream: str
    own: str = "null::text"
    people: str = "null::text[]"
    links: str = "null::text[]"
    emails: str = "null::text[]"
    phones: str = "null::text[]"
    handles: str = "null::text[]"
    country: str = "null::text"
    thing: str = "null::text"
    part_of: str = "null::text"
    interaction: str = "null::text"

    @property
    def name(self) -> str:
        """`<source>/<stream>`, as counts and receipts call it."""
        return f"{self.source}/{self.stream}"

    @property
    def table(self) -> str:
        """The raw table, as `to_regclass` reads it."""
        return f"raw_{self.source}.{self.stream}"


def _text(path: str) -> str:
    return f"(t.payload #>> '{{{path}}}')"


def _number(path: str) -> str:
    """A Shopify id: the number, bare or at the end of `gid://shopify/Customer/7`."""
    return f"substring({_text(path)} from '([0-9]+)$')"


def _id(kind: str, value: str) -> str:
    return f"('{kind}:' || {value})"


def _list(*values: str) -> str:
    return f"array[{', '.join(values)}]::text[]"


def _members(path: str, value: str = "entry.item #>> '{}'") -> str:
    """What a list in the payload says; one text instead of a list is a list of one."""
    found = f"(t.payload #> '{{{path}}}')"
    return (
        f"(select array_agg({value}) from jsonb_array_elements(case jsonb_typeof({found}) when 'array' then {found} "
        f"when 'string' then jsonb_build_array({found}) else '[]' end) as entry (item))"
    )


_CONTACT, _LEAD = "salesforce:contact", "salesforce:lead"
_SHOPPER, _DESK, _TWEEP = "shopify:customer", "zendesk:user", "x:user"
_USER, _DEVICE = "events:user", "events:anonymous"
_META_USER = "'meta:' || (t.payload ->> 'platform') || '_user:' || "
_TICKET = _id("zendesk:ticket", _text("ticket_id"))
# A conversation of two is named <id>-<id>; the participants are not always sent.
_TWEEPS = (
    f"(select array_agg('{_TWEEP}:' || id) from unnest(string_to_array({_text('dm_conversation_id')}, '-')) as id) || "
    + _members("participant_ids", f"'{_TWEEP}:' || (entry.item #>> '{{}}')")
)

RAW_STREAMS: Final = (
    RawStream(
        "salesforce",
        "contacts",
        own=_id(_CONTACT, "t.native_id"),
        links=_list(_id(_SHOPPER, _number("Shopify_Customer_Id__c"))),
        emails=_list(_text("Email")),
        phones=_list(_text("Phone"), _text("MobilePhone")),
        handles=_list(_id("instagram", _text("Instagram_Handle__c")), _id("x", _text("X_Handle__c"))),
        country=_text("MailingCountry"),
    ),
    RawStream(
        "salesforce",
        "leads",
        own=_id(_LEAD, "t.native_id"),
        links=_list(_id(_CONTACT, _text("ConvertedContactId"))),
        emails=_list(_text("Email")),
        phones=_list(_text("Phone"), _text("MobilePhone")),
        country=_text("Country"),
    ),
    RawStream(
        "salesforce",
        "campaign_members",
        people=_list(_id(_CONTACT, _text("ContactId")), _id(_LEAD, _text("LeadId"))),
        interaction=_id("salesforce:campaign_response", "t.native_id"),
    ),
    RawStream(
        "shopify",
        "customers",
        own=_id(_SHOPPER, "substring(t.native_id from '([0-9]+)$')"),
        emails=_list(_text("defaultEmailAddress,emailAddress"), _text("email")),
        phones=_list(_text("defaultPhoneNumber,phoneNumber"), _text("phone")),
        country=_text("defaultAddress,countryCodeV2"),
    ),
    RawStream(
        "shopify",
        "orders",
        people=_list(_id(_SHOPPER, _number("customer,legacyResourceId"))),
        emails=_list(_text("email"), _text("customer,email")),
        phones=_list(_text("phone"), _text("customer,phone")),
        thing=_id("shopify:order", "substring(t.native_id from '([0-9]+)$')"),
        interaction=_id("shopify:order", "substring(t.native_id from '([0-9]+)$')"),
    ),
    RawStream(
        "shopify",
        "abandoned_checkouts",
        people=_list(_id(_SHOPPER, _number("customer,legacyResourceId"))),
        interaction=_id("shopify:checkout", "substring(t.native_id from '([0-9]+)$')"),
    ),
    RawStream(
        "shopify",
        "returns",
        part_of=_id("shopify:order", _number("order,legacyResourceId")),
        interaction=_id("shopify:return", "substring(t.native_id from '([0-9]+)$')"),
    ),
    RawStream(
        "zendesk",
        "users",
        own=_id(_DESK, "t.native_id"),
        links=f"array[case when {_text('external_id')} ~ ':' then {_text('external_id')} end]::text[]",
        emails=_list(_text("email")),
        phones=_list(_text("phone")),
    ),
    RawStream(
        "zendesk",
        "user_identities",
        people=_list(_id(_DESK, _text("user_id"))),
        emails=f"array[case when {_text('type')} = 'email' then {_text('value')} end]::text[]",
        phones=f"array[case when {_text('type')} = 'phone_number' then {_text('value')} end]::text[]",
        handles=f"array[case when {_text('type')} = 'twitter' then 'x:' || {_text('value')} end]::text[]",
    ),
    RawStream(
        "zendesk",
        "tickets",
        people=_list(_id(_DESK, _text("requester_id"))),
        emails=_list(_text("via,source,from,address")),
        thing=_id("zendesk:ticket", "t.native_id"),
        interaction=_id("zendesk:ticket", "t.native_id"),
    ),
    RawStream(
        "zendesk",
        "ticket_comments",
        people=_list(_id(_DESK, _text("author_id"))),
        part_of=_TICKET,
        interaction=_id("zendesk:comment", "t.native_id"),
    ),
    RawStream("zendesk", "ticket_metrics", part_of=_TICKET),
    RawStream(
        "zendesk",
        "satisfaction_ratings",
        people=_list(_id(_DESK, _text("requester_id"))),
        part_of=_TICKET,
        interaction=_id("zendesk:rating", "t.native_id"),
    ),
    RawStream(
        "meta",
        "conversations",
        links=_members("participants,data", f"{_META_USER} (entry.item ->> 'id')"),
        handles=_members("participants,data", "'instagram:' || (entry.item ->> 'username')"),
        thing=_id("meta:conversation", "t.native_id"),
    ),
    RawStream(
        "meta",
        "messages",
        people=_list(f"({_META_USER}{_text('from,id')})"),
        links=_members("to,data", f"{_META_USER} (entry.item ->> 'id')"),
        handles=_list(_id("instagram", _text("from,username"))),
        part_of=_id("meta:conversation", _text("conversation_id")),
        interaction=_id("meta:message", "t.native_id"),
    ),
    RawStream(
        "meta",
        "comments",
        people=_list(_id("meta:instagram_user", _text("from,id"))),
        handles=_list(_id("instagram", _text("from,username"))),
        interaction=_id("meta:comment", "t.native_id"),
    ),
    RawStream("x", "users", own=_id(_TWEEP, "t.native_id"), handles=_list(_id("x", _text("username")))),
    RawStream(
        "x",
        "mentions",
        people=_list(_id(_TWEEP, _text("author_id"))),
        interaction=_id("x:mention", "t.native_id"),
    ),
    RawStream(
        "x",
        "direct_messages",
        people=_list(_id(_TWEEP, _text("sender_id"))),
        links=_TWEEPS,
        interaction=_id("x:message", "t.native_id"),
    ),
    RawStream(
        "events",
        "identities",
        people=_list(f"coalesce({_id(_USER, _text('userId'))}, {_id(_DEVICE, _text('anonymousId'))})"),
        links=_list(
            _id(_DEVICE, _text("anonymousId")), _id(_USER, _text("previousId")), _id(_DEVICE, _text("previousId"))
        ),
        emails=_list(_text("traits,email")),
        phones=_list(_text("traits,phone")),
        country=_text("traits,address,country"),
    ),
    RawStream(
        "events",
        "interactions",
        people=_list(f"coalesce({_id(_USER, _text('userId'))}, {_id(_DEVICE, _text('anonymousId'))})"),
        links=_list(_id(_DEVICE, _text("anonymousId"))),
        interaction="('events:' || t.record_key)",
    ),
    RawStream(
        "files",
        "people",
        own=f"({_text('source')} || ':' || {_text('entity')} || ':' || coalesce(t.native_id, {_text('native_id')}))",
        links=_members("external_ids"),
        emails=_members("emails"),
        phones=_members("phones"),
        handles=_members("handles"),
        country=_text("country"),
    ),
    RawStream(
        "files",
        "interactions",
        people=_list(_text("record_id")),
        links=_members("external_ids"),
        emails=_members("emails"),
        phones=_members("phones"),
        handles=_members("handles"),
        thing=f"('files:thread:' || {_text('source')} || ':' || {_text('thread_id')})",
        # Of a thread only what names nobody else is the person's: the company's answers, and not another guest's post.
        part_of=(
            f"case when {_text('record_id')} is null then "
            f"'files:thread:' || {_text('source')} || ':' || {_text('thread_id')} end"
        ),
        interaction=f"concat_ws(':', 'files', {_text('source')}, {_text('stream')}, {_text('interaction_id')})",
    ),
)
"""Every raw stream with personal data, what others hang on before what hangs on it."""
