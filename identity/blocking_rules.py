"""The blocking rules that there are, named by intent: records that share a key are compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class BlockingRule:
    """Records that share a key are compared.

    `key` is SQL over `features`, a text or (with `many`) a list of texts; `comparisons` are those whose agreement the
    key already settles, so that training on its pairs can learn nothing about them. With `sought_by` two records are
    compared only if one of them has, by that condition, the key among its `seeking_key`: an account that has nothing
    but a user name looks for the names that spell it, while two written names need no user name to meet.
    """

    name: str
    key: str
    comparisons: frozenset[str]
    many: bool = False
    sought_by: str | None = None
    seeking_key: str | None = None
    only_for: str | None = None
    largest_block: int | None = None


def _prefixed(orders: str, emails: str, phones: str) -> str:
    """SQL: identifiers of three kinds as one list."""
    lists = (
        f"list_transform({column}, lambda k: '{kind}=' || k)"
        for kind, column in (("order", orders), ("email", emails), ("phone", phones))
    )
    return f"list_concat({', '.join(lists)})"


_MENTIONED: Final = _prefixed("mentioned_orders", "mentioned_emails", "mentioned_phones")
_FIRST: Final = "split_part(given, ' ', 1)"
_WHOLE_NAME: Final = "least(given, family) || '|' || greatest(given, family)"
# In the order of how sure they are: when the budget runs out the last ones go.
EVERY_RULE: Final = (
    BlockingRule(
        "same_external_id",
        "links",
        frozenset({"external_id"}),
        many=True,
    ),
    BlockingRule(
        "same_email",
        "every_email",
        frozenset({"email"}),
        many=True,
    ),
    BlockingRule(
        "same_phone",
        "every_phone",
        frozenset({"phone"}),
        many=True,
    ),
    BlockingRule(
        "same_account",
        "handles",
        frozenset({"account"}),
        many=True,
    ),
    BlockingRule(
        "mentioned_identifier",
        f"list_distinct(list_concat({_MENTIONED}, {_prefixed('[record_id]', 'emails', 'phones')}))",
        frozenset({"mention"}),
        many=True,
        sought_by="coalesce(mentioned_orders, mentioned_emails, mentioned_phones) is not null",
        seeking_key=_MENTIONED,
        only_for="mention",
        # What more people write than one person has accounts and friends (the shop's own number) is nobody's.
        largest_block=10,
    ),
    BlockingRule(
        "user_name_and_name",
        "list_distinct(list_concat(aliases, name_keys, initial_keys))",
        frozenset({"user_name", "email", "given_name", "family_name"}),
        many=True,
        sought_by="family is null",
        seeking_key="aliases",
    ),
    BlockingRule(
        "whole_name_and_birth_date",
        f"{_WHOLE_NAME} || birth_date",
        frozenset({"given_name", "family_name", "birth_date"}),
    ),
    BlockingRule(
        "whole_name_and_postcode",
        f"{_WHOLE_NAME} || postcode",
        frozenset({"given_name", "family_name", "address"}),
    ),
    BlockingRule(
        "birth_date_and_postcode",
        "birth_date || postcode",
        frozenset({"birth_date", "address"}),
    ),
    BlockingRule(
        "birth_date_and_family_name",
        "birth_date || family",
        frozenset({"birth_date", "family_name"}),
    ),
    BlockingRule(
        "birth_date_and_given_name",
        f"birth_date || {_FIRST}",
        frozenset({"birth_date", "given_name"}),
    ),
    BlockingRule(
        "same_email_name",
        "case when length(email_local) > 5 then email_local end",
        frozenset({"email"}),
    ),
    BlockingRule(
        "birth_date_and_place",
        "birth_date || coalesce(birth_place, city)",
        frozenset({"birth_date", "birth_place", "address"}),
    ),
    BlockingRule(
        "postcode_and_family_name",
        "postcode || family",
        frozenset({"address", "family_name"}),
    ),
    BlockingRule(
        "postcode_and_given_name",
        f"postcode || {_FIRST}",
        frozenset({"address", "given_name"}),
    ),
    BlockingRule(
        "street_and_number",
        "street || house_number || coalesce(city, postcode)",
        frozenset({"address"}),
    ),
    BlockingRule(
        "whole_name",
        _WHOLE_NAME,
        frozenset({"given_name", "family_name"}),
    ),
    BlockingRule(
        "names_and_year_of_birth",
        "left(given, 3) || left(family, 3) || left(birth_date, 4)",
        frozenset({"given_name", "family_name", "birth_date"}),
    ),
    BlockingRule(
        "family_name_and_day_of_birth",
        "left(family, 4) || right(birth_date, 4)",
        frozenset({"family_name", "birth_date"}),
    ),
    BlockingRule(
        "given_name_and_day_of_birth",
        "left(given, 4) || right(birth_date, 4)",
        frozenset({"given_name", "birth_date"}),
    ),
    BlockingRule(
        "family_name_and_place",
        "family || coalesce(birth_place, city)",
        frozenset({"family_name", "birth_place", "address"}),
    ),
    BlockingRule(
        "given_name_and_place",
        f"{_FIRST} || coalesce(birth_place, city) || left(birth_date, 4)",
        frozenset({"given_name", "birth_place", "address", "birth_date"}),
    ),
    BlockingRule(
        "birth_date",
        "birth_date",
        frozenset({"birth_date"}),
    ),
    BlockingRule(
        "postcode",
        "postcode",
        frozenset({"address"}),
    ),
    BlockingRule(
        "family_name_and_month_of_birth",
        "family || substr(birth_date, 1, 6)",
        frozenset({"family_name", "birth_date"}),
    ),
    BlockingRule(
        "initials_and_birth_date",
        "left(given, 1) || left(family, 1) || birth_date",
        frozenset({"given_name", "family_name", "birth_date"}),
    ),
    BlockingRule(
        "names_nearly",
        "left(given, 4) || left(family, 4)",
        frozenset({"given_name", "family_name"}),
    ),
    BlockingRule(
        "names_at_the_end",
        "right(given, 4) || right(family, 4)",
        frozenset({"given_name", "family_name"}),
    ),
    BlockingRule(
        "user_names_begin_alike",
        "list_distinct(list_transform(list_concat(aliases, name_keys), lambda k: left(k, 9)))",
        frozenset({"user_name", "email", "given_name", "family_name"}),
        many=True,
        sought_by="family is null",
        seeking_key="list_distinct(list_transform(aliases, lambda k: left(k, 9)))",
    ),
    BlockingRule(
        "given_name_and_initial",
        f"{_FIRST} || left(family, 1)",
        frozenset({"given_name", "family_name"}),
    ),
    BlockingRule(
        "family_name_and_initial",
        "family || left(given, 1)",
        frozenset({"given_name", "family_name"}),
    ),
)
