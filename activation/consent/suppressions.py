"""Suppressions: who is not to be contacted whatever was agreed, by customer or by address.

A person's letter, a complaint, an unsubscribe or a bounce that a tool reports: all come in by `suppress`, and the gate
reads them at once. An address is kept as HMAC-SHA256 of its match key, so that the list tells nobody who is on it, and
so that it still works when everything else about the person is erased. A customer is kept with the records that are
theirs now: whoever has one of them later, after merges and splits, is suppressed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, Literal

from psycopg import sql

from activation.consent.gate_sql import DIGEST
from activation.consent.rules import ASKED, NO_CHANNEL, Purpose
from activation.database import ActivationError, Connection
from activation.schema import require_current
from identity.standardise.email import standardise_email
from identity.standardise.phone import standardise_phone

CHANNELS: Final = tuple(channel for channel in ASKED if channel != NO_CHANNEL)
PURPOSES: Final = (str(Purpose.MARKETING), str(Purpose.SERVICE))


class SuppressionError(ActivationError):
    """What was asked cannot be suppressed; the message repeats nothing of it."""


class Reason(StrEnum):
    """Why somebody is suppressed. What was said of a personal address holds for all addresses of whoever has it."""

    UNSUBSCRIBED = "unsubscribed"
    COMPLAINED = "complained"
    OBJECTED = "objected"
    LEGAL = "legal"
    COMPANY = "company"
    BOUNCED = "bounced"
    """Of the mailbox or the number alone: nobody said anything."""


@dataclass(frozen=True)
class Suppression:
    """One customer or one address, and what it is kept out of; a channel or purpose of None is all of them.

    `match_key` is the form by which identity compares; `of_address` makes it. It is in no repr and no log.
    """

    customer_id: str | None = None
    kind: Literal["email", "phone"] | None = None
    match_key: str | None = field(default=None, repr=False)
    channel: str | None = None
    purpose: str | None = None
    reason: Reason = Reason.COMPANY
    until: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse what would suppress nobody.

        Raises:
            SuppressionError: if it names no one or two, an unknown channel or purpose, or an end without time zone or
                in the past.
        """
        if (self.customer_id is None) == (self.match_key is None) or (self.kind is None) != (self.match_key is None):
            raise SuppressionError("a suppression names a customer or an address, and not both")
        if self.customer_id is not None and not (self.customer_id.isprintable() and self.customer_id.strip()):
            raise SuppressionError("this is no customer id; copy it from a profile")
        if self.channel is not None and self.channel not in CHANNELS:
            raise SuppressionError(f"the channel is none of {', '.join(CHANNELS)}; leave it out for all of them")
        if self.purpose is not None and self.purpose not in PURPOSES:
            raise SuppressionError(f"the purpose is none of {', '.join(PURPOSES)}; leave it out for both")
        if self.until is not None and (self.until.tzinfo is None or self.until <= datetime.now(UTC)):
            raise SuppressionError("the end needs a time zone and must be in the future")

    @classmethod
    def of_address(cls, written: str, default_region: str, **other: Any) -> Suppression:
        """An e-mail address or a phone number as anybody may write it; `other` are the fields of the class.

        Raises:
            SuppressionError: if it is neither, or reaches nobody.
        """
        kind: Literal["email", "phone"] = "email" if "@" in written else "phone"
        found = standardise_email(written) if kind == "email" else standardise_phone(written, default_region)
        if not found.is_valid or found.match_key is None:
            what = "e-mail address" if kind == "email" else f"phone number (read as one of {default_region})"
            raise SuppressionError(f"this is no usable {what}: {found.rejection_reason or 'not understood'}")
        return cls(kind=kind, match_key=found.match_key, **other)


@dataclass(frozen=True)
class Listed:
    """A suppression as it is kept; of an address only the kind is known."""

    suppression_id: int
    customer_id: str | None
    kind: str | None
    channel: str | None
    purpose: str | None
    reason: str
    added_by: str
    since: datetime
    until: datetime | None
    lifted_at: datetime | None
    lifted_by: str | None


def suppress(connection: Connection, suppressions: Sequence[Suppression], by: str) -> int:
    """Add suppressions in one transaction; the gate honours them from its next answer on. What is there stays.

    Args:
        connection: psycopg, without an open transaction.
        suppressions: any number.
        by: who asked for it: a person, or `destination <name>` for what a tool reports.

    Returns:
        The number of rows that are new.

    Raises:
        SuppressionError: if a customer id was never published; nothing is added then.
    """
    require_current(connection)
    with connection.transaction():
        unknown = connection.execute(
            "select count(*) from unnest(%s::text[]) as asked (customer_id) where not exists "
            "(select from activation.profiles as p where p.customer_id = asked.customer_id) and not exists "
            "(select from activation.profile_identifiers as i "
            "where i.kind = 'customer_id' and i.match_key = asked.customer_id)",
            [[one.customer_id for one in suppressions if one.customer_id is not None]],
        ).fetchone()
        if unknown is not None and unknown[0]:
            raise SuppressionError(
                f"{unknown[0]} of the customers are not known; copy the id from a profile, or suppress the address"
            )
        return connection.execute(
            _INSERT,
            {
                "by": by,
                "customer_ids": [one.customer_id for one in suppressions],
                "kinds": [one.kind for one in suppressions],
                "match_keys": [one.match_key for one in suppressions],
                "channels": [one.channel for one in suppressions],
                "purposes": [one.purpose for one in suppressions],
                "reasons": [str(one.reason) for one in suppressions],
                "untils": [one.until for one in suppressions],
            },
        ).rowcount


def lift(connection: Connection, by: str, *, suppression_id: int | None = None, whom: Suppression | None = None) -> int:
    """End suppressions now: one by its id, or all of a customer or an address. Their rows stay, with who lifted them.

    Returns:
        The number of suppressions that were lifted.
    """
    require_current(connection)
    with connection.transaction():
        return connection.execute(
            sql.SQL("update activation.suppressions as list set lifted_at = now(), lifted_by = {} where {}").format(
                sql.Literal(by), sql.SQL(" and ").join([sql.SQL("lifted_at is null"), *_named(suppression_id, whom)])
            )
        ).rowcount


def listed(
    connection: Connection, *, whom: Suppression | None = None, ended: bool = False, limit: int = 100
) -> list[Listed]:
    """Suppressions, the newest first: those of `whom` alone if given; with `ended` also what is over or was lifted."""
    require_current(connection)
    now = [] if ended else [sql.SQL("lifted_at is null and (until is null or until > now())")]
    query = sql.SQL(
        "select suppression_id, customer_id, kind, channel, purpose, reason, added_by, since, until, lifted_at, "
        "lifted_by from activation.suppressions as list where {} order by suppression_id desc limit {}"
    ).format(sql.SQL(" and ").join([sql.SQL("true"), *now, *_named(None, whom)]), sql.Literal(limit))
    with connection.transaction():
        return [Listed(*row) for row in connection.execute(query)]


def _named(suppression_id: int | None, whom: Suppression | None) -> list[sql.Composable]:
    conditions: list[sql.Composable] = []
    if suppression_id is not None:
        conditions.append(sql.SQL("list.suppression_id = {}").format(sql.Literal(suppression_id)))
    if whom is not None and whom.customer_id is not None:
        conditions.append(sql.SQL(_OF_CUSTOMER).format(sql.Literal(whom.customer_id)))
    elif whom is not None:
        digest = DIGEST.format(kind="{0}", match_key="{1}")
        of_address = (
            f"list.kind = {{0}} and list.address_digest = (select {digest} from activation.suppression_key as secret)"
        )
        conditions.append(sql.SQL(of_address).format(sql.Literal(whom.kind), sql.Literal(whom.match_key)))
    return conditions


# A customer that was merged away is suppressed by whatever suppresses the one who lives on, and the other way round.
_OF_CUSTOMER: Final = """
    (
        list.customer_id = {0}
        or list.customer_id in (
            select match_key from activation.profile_identifiers where kind = 'customer_id' and customer_id = {0}
        )
        or exists (
            select from activation.profile_identifiers as known
            where known.kind = 'record_id' and known.customer_id = {0} and known.match_key = any(list.record_ids)
        )
    )
"""

_INSERT: Final = (
    """
    insert into activation.suppressions
        (customer_id, record_ids, kind, address_digest, channel, purpose, reason, added_by, until)
    select
        asked.customer_id,
        array(
            select record.match_key
            from activation.profile_identifiers as record
            where record.kind = 'record_id' and (
                record.customer_id = asked.customer_id
                or record.customer_id in (
                    select former.customer_id from activation.profile_identifiers as former
                    where former.kind = 'customer_id' and former.match_key = asked.customer_id
                )
            )
            order by record.match_key
        ),
        asked.kind,
        case when asked.match_key is not null then """
    + DIGEST.format(kind="asked.kind", match_key="asked.match_key")
    + """ end,
        asked.channel,
        asked.purpose,
        asked.reason,
        %(by)s,
        asked.until
    from unnest(
        %(customer_ids)s::text[], %(kinds)s::text[], %(match_keys)s::text[], %(channels)s::text[],
        %(purposes)s::text[], %(reasons)s::text[], %(untils)s::timestamptz[]
    ) as asked (customer_id, kind, match_key, channel, purpose, reason, until)
    cross join activation.suppression_key as secret
    on conflict do nothing
"""
)
