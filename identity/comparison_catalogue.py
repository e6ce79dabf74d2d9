"""The comparisons that there are, and the choice among them by the columns that the data really fills."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from identity.comparison_mention import MENTION
from identity.comparison_names import FAMILY_NAME, GIVEN_NAME, NAMESAKES, USER_NAME
from identity.comparisons import Comparison, Level, either_null, letters_off


def _part(start: int, length: int, other: int | None = None) -> str:
    right = start if other is None else other
    return f"substr(birth_date_l, {start}, {length}) = substr(birth_date_r, {right}, {length})"


_YEAR, _MONTH, _DAY = _part(1, 4), _part(5, 2), _part(7, 2)
BIRTH_DATE: Final = Comparison(
    "birth_date",
    ("birth_date",),
    either_null("birth_date"),
    (
        Level("same birth date", "birth_date_l = birth_date_r", "birth_date"),
        Level("birth date with day and month swapped", f"{_YEAR} and {_part(5, 2, 7)} and {_part(7, 2, 5)}"),
        Level("birth date off by one digit", letters_off("birth_date", 1)),
        Level("year of birth and either month or day agree", f"{_YEAR} and ({_MONTH} or {_DAY})"),
        Level("birth date off by two digits", letters_off("birth_date", 2)),
        # On 1 January, where a year alone is written as a date, the day says nothing.
        Level("month and day of birth agree", f"{_MONTH} and {_DAY} and not ends_with(birth_date_l, '0101')"),
        Level("same year of birth", _YEAR),
    ),
    "different birth date",
    decided_by=("birth_date",),
)
# An address that is made of its owner's name is like that of any namesake: only what else is in it tells them apart.
# And words that came with another number are another's.
_SAID_BY_THE_NAMES: Final = (
    "((is_email_of_name_l and is_email_of_name_r and not (email_number_l = email_number_r "
    "and length(email_number_l) > 1)) or (email_stem_l = email_stem_r and email_number_l <> email_number_r))"
)
EMAIL: Final = Comparison(
    "email",
    ("emails", "shared_emails", "email", "email_local", "email_stem", "email_number", "is_email_of_name"),
    either_null("email"),
    (
        Level("same e-mail address", "list_has_any(emails_l, emails_r)", "email", found_by_blocking=True),
        Level(
            "an e-mail address that several people share",
            "list_has_any(shared_emails_l, shared_emails_r)",
            found_by_blocking=True,
        ),
        Level(
            "same e-mail name at another provider",
            f"email_local_l = email_local_r and length(email_local_l) > 3 and not {_SAID_BY_THE_NAMES}",
        ),
        Level(
            "e-mail address off by a letter or two",
            f"jaro_winkler_similarity(email_l, email_r) >= 0.8 and {letters_off('email', 2)} "
            "and least(length(email_l), length(email_r)) > 9 "
            f"and (email_local_l = email_local_r or not {_SAID_BY_THE_NAMES})",
        ),
        Level(
            "similar e-mail address", f"jaro_winkler_similarity(email_l, email_r) >= 0.9 and not {_SAID_BY_THE_NAMES}"
        ),
    ),
    "different e-mail address",
    decided_by=("email",),
)
PHONE: Final = Comparison(
    "phone",
    ("phones", "shared_phones", "phone"),
    either_null("phone"),
    (
        Level("same phone number", "list_has_any(phones_l, phones_r)", "phone", found_by_blocking=True),
        Level(
            "a phone number that several people share",
            "list_has_any(shared_phones_l, shared_phones_r)",
            found_by_blocking=True,
        ),
        Level("phone number off by one digit", letters_off("phone", 1)),
    ),
    "different phone number",
    decided_by=("phone",),
)
ACCOUNT: Final = Comparison(
    "account",
    ("handles", "platforms"),
    "handles_l is null or handles_r is null or not list_has_any(platforms_l, platforms_r)",
    (Level("same account", "list_has_any(handles_l, handles_r)", found_by_blocking=True),),
    "different accounts on one platform",
    decided_by=("handles",),
)


EXTERNAL_ID: Final = Comparison(
    "external_id",
    ("links", "link_spaces"),
    "links_l is null or links_r is null or not "
    "(list_has_any(links_l, links_r) or coalesce(list_has_any(link_spaces_l, link_spaces_r), false))",
    (
        Level(
            "one names the other, or both name the same record",
            "list_has_any(links_l, links_r)",
            found_by_blocking=True,
            stated=True,
        ),
    ),
    "each names another record of the same kind",
    decided_by=("external_ids",),
)
# More than the pairs of any two groups that are compared.
_STATED_LOOKS: Final = 2**20
_STREET_WORDS: Final = "street_l = street_r"
_SAME_HOUSE: Final = "house_number_l = house_number_r"
_STREET_NEAR: Final = "jaro_winkler_similarity(street_l, street_r) >= 0.9"
_POSTCODE: Final = "postcode_l = postcode_r"
_POSTCODE_NEAR: Final = letters_off("postcode", 1)
_CITY: Final = "jaro_winkler_similarity(city_l, city_r) >= 0.9"
ADDRESS: Final = Comparison(
    "address",
    ("street", "house_number", "postcode", "city"),
    " and ".join(f"({either_null(column)})" for column in ("street", "postcode", "city")),
    (
        Level(
            "same street and number, and postcode or city",
            f"{_STREET_WORDS} and {_SAME_HOUSE} and ({_POSTCODE} or {_CITY})",
        ),
        Level("nearly the same street, and postcode or city", f"{_STREET_NEAR} and ({_POSTCODE_NEAR} or {_CITY})"),
        Level("same street and number in another place", f"{_STREET_NEAR} and {_SAME_HOUSE}"),
        Level("same postcode", _POSTCODE, "postcode"),
        Level("postcode off by one character", f"{_POSTCODE_NEAR} and length(postcode_l) > 4"),
        Level("same city", _CITY, "city"),
    ),
    "different address",
    decided_by=("street", "postcode", "city"),
)
COUNTRY: Final = Comparison(
    "country",
    ("countries",),
    either_null("countries"),
    (Level("same country", "list_has_any(countries_l, countries_r)"),),
    "different country",
    decided_by=("countries",),
)
BIRTH_PLACE: Final = Comparison(
    "birth_place",
    ("birth_place",),
    either_null("birth_place"),
    (
        Level("same place of birth", "birth_place_l = birth_place_r", "birth_place"),
        Level("similar place of birth", "jaro_winkler_similarity(birth_place_l, birth_place_r) >= 0.88"),
    ),
    "different place of birth",
    decided_by=("birth_place",),
)
OCCUPATION: Final = Comparison(
    "occupation",
    ("occupation",),
    either_null("occupation"),
    (
        Level("same occupation", "occupation_l = occupation_r", "occupation"),
        Level("similar occupation", "jaro_winkler_similarity(occupation_l, occupation_r) >= 0.88"),
    ),
    "different occupation",
    decided_by=("occupation",),
)
EVERY_COMPARISON: Final = (
    EXTERNAL_ID,
    EMAIL,
    PHONE,
    ACCOUNT,
    USER_NAME,
    GIVEN_NAME,
    FAMILY_NAME,
    NAMESAKES,
    BIRTH_DATE,
    ADDRESS,
    COUNTRY,
    BIRTH_PLACE,
    OCCUPATION,
    MENTION,
)


def choose_comparisons(filled: dict[str, int], distinct: dict[str, int]) -> tuple[Comparison, ...]:
    """The comparisons whose deciding column has at least two records and two values to tell apart.

    One value will do for what is compared with another column than itself (`by_odds`).

    Args:
        filled: rows with a value, per feature column.
        distinct: different values, per feature column.
    """
    return tuple(
        comparison
        for comparison in EVERY_COMPARISON
        if any(
            min(filled.get(column, 0), distinct.get(column, 0)) > (0 if comparison.by_odds else 1)
            for column in comparison.decided_by
        )
        and (not comparison.correction_of or filled.get("given", 0) > 1)
    )


def stand_ins(comparisons: tuple[Comparison, ...]) -> list[tuple[int, int]]:
    """Places of comparisons that say the same in other words: a user name speaks for the family name it spells."""
    places = {comparison.name: place for place, comparison in enumerate(comparisons)}
    pairs = [("user_name", "family_name")]
    return [(places[one], places[other]) for one, other in pairs if one in places and other in places]


def stated_levels(comparisons: tuple[Comparison, ...]) -> list[tuple[int, int]]:
    """The levels at which a system says outright that two are one: place of the comparison, and comparison vector."""
    return [
        (place, comparison.level_count - 1 - position)
        for place, comparison in enumerate(comparisons)
        for position, level in enumerate(comparison.levels)
        if level.stated
    ]


def looks(gammas: NDArray[np.int8], stated: list[tuple[int, int]]) -> NDArray[np.int64]:
    """How much each comparison of each pair counts in the mean of two groups: pair by comparison.

    Nothing where nothing could be compared, and once otherwise. A group that names several accounts of one person is
    known by each of them: where one is named on both sides, that the others are not says nothing.

    Args:
        gammas: comparison vectors.
        stated: of `stated_levels`.
    """
    counts = (gammas >= 0).astype(np.int64)
    for place, gamma in stated:
        counts[gammas[:, place] == gamma, place] = _STATED_LOOKS
    return counts
