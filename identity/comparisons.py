"""What two records can agree on: comparisons and their levels, chosen from the columns that the data really fills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class Level:
    """One degree of agreement: a condition on `<column>_l` and `<column>_r`, and its words.

    `frequency` names the column whose value's rarity adjusts the weight of this level.
    """

    words: str
    sql: str
    frequency: str | None = None


@dataclass(frozen=True)
class Comparison:
    """Levels from best to worst, the last one everything else; `null_sql` says when there is nothing to compare."""

    name: str
    columns: tuple[str, ...]
    null_sql: str
    levels: tuple[Level, ...]
    else_words: str

    @property
    def level_count(self) -> int:
        """Levels that carry weight, the one for everything else included."""
        return len(self.levels) + 1

    def words_of(self, gamma: int) -> str:
        """The words of a level by its Splink comparison vector value: -1 nothing to compare, 0 everything else."""
        if gamma < 0:
            return "nothing to compare"
        return self.else_words if gamma == 0 else self.levels[len(self.levels) - gamma].words

    def to_splink(self) -> dict[str, Any]:
        """The comparison as Splink's settings dictionary, without probabilities."""
        null = {"sql_condition": self.null_sql, "label_for_charts": "nothing to compare", "is_null_level": True}
        levels = [{"sql_condition": level.sql, "label_for_charts": level.words} for level in self.levels]
        return {
            "output_column_name": self.name,
            "comparison_description": self.name,
            "comparison_levels": [null, *levels, {"sql_condition": "ELSE", "label_for_charts": self.else_words}],
        }


def _either_null(column: str) -> str:
    return f"{column}_l is null or {column}_r is null"


_SWAPPED: Final = "(given_l = family_r and given_r = family_l and given_l <> given_r)"

GIVEN_NAME: Final = Comparison(
    "given_name",
    ("given", "given_all", "given_forms", "given_skeleton", "family"),
    _either_null("given"),
    (
        Level("given and family name swapped", _SWAPPED),
        Level("same given names", "given_all_l = given_all_r", "given_all"),
        Level("same first given name", "given_l = given_r", "given"),
        Level("a nickname or another form of the same given name", "list_has_any(given_forms_l, given_forms_r)"),
        Level(
            "given name off by one letter",
            "(damerau_levenshtein(given_l, given_r) <= 1 and least(length(given_l), length(given_r)) > 3) "
            "or jaro_winkler_similarity(given_l, given_r) >= 0.93",
        ),
        Level("one given name begins with the other", "starts_with(given_l, given_r) or starts_with(given_r, given_l)"),
        Level(
            "a given name stands where the other has the family name",
            "jaro_winkler_similarity(given_l, family_r) >= 0.92 or jaro_winkler_similarity(given_r, family_l) >= 0.92",
        ),
        Level("given names with the same consonants", "given_skeleton_l = given_skeleton_r"),
        Level(
            "similar given name",
            "jaro_winkler_similarity(given_l, given_r) >= 0.8 or left(given_l, 3) = left(given_r, 3)",
        ),
    ),
    "different given name",
)
FAMILY_NAME: Final = Comparison(
    "family_name",
    ("family", "family_forms", "family_skeleton", "given"),
    f"{_either_null('family')} or coalesce({_SWAPPED}, false)",
    (
        Level("same family name", "family_l = family_r", "family"),
        Level("a former or partial family name in common", "list_has_any(family_forms_l, family_forms_r)"),
        Level(
            "family name off by one letter",
            "(damerau_levenshtein(family_l, family_r) <= 1 and least(length(family_l), length(family_r)) > 3) "
            "or jaro_winkler_similarity(family_l, family_r) >= 0.93",
        ),
        Level("family names with the same consonants", "family_skeleton_l = family_skeleton_r"),
        Level(
            "similar family name",
            "jaro_winkler_similarity(family_l, family_r) >= 0.82 or starts_with(family_l, family_r) "
            "or starts_with(family_r, family_l)",
        ),
    ),
    "different family name",
)


def _part(start: int, length: int, other: int | None = None) -> str:
    right = start if other is None else other
    return f"substr(birth_date_l, {start}, {length}) = substr(birth_date_r, {right}, {length})"


_YEAR, _MONTH, _DAY = _part(1, 4), _part(5, 2), _part(7, 2)
BIRTH_DATE: Final = Comparison(
    "birth_date",
    ("birth_date",),
    _either_null("birth_date"),
    (
        Level("same birth date", "birth_date_l = birth_date_r", "birth_date"),
        Level("birth date with day and month swapped", f"{_YEAR} and {_part(5, 2, 7)} and {_part(7, 2, 5)}"),
        Level("birth date off by one digit", "damerau_levenshtein(birth_date_l, birth_date_r) <= 1"),
        Level("year of birth and either month or day agree", f"{_YEAR} and ({_MONTH} or {_DAY})"),
        Level("birth date off by two digits", "damerau_levenshtein(birth_date_l, birth_date_r) <= 2"),
        # On 1 January, where a year alone is written as a date, the day says nothing.
        Level("month and day of birth agree", f"{_MONTH} and {_DAY} and not ends_with(birth_date_l, '0101')"),
        Level("same year of birth", _YEAR),
    ),
    "different birth date",
)
EMAIL: Final = Comparison(
    "email",
    ("emails", "shared_emails", "email", "email_local"),
    _either_null("email"),
    (
        Level("same e-mail address", "list_has_any(emails_l, emails_r)", "email"),
        Level("an e-mail address that several people share", "list_has_any(shared_emails_l, shared_emails_r)"),
        Level(
            "same e-mail name at another provider",
            "email_local_l = email_local_r and length(email_local_l) > 3",
        ),
        Level(
            "e-mail address off by a letter or two",
            "damerau_levenshtein(email_l, email_r) <= 2 and least(length(email_l), length(email_r)) > 9",
        ),
        Level("similar e-mail address", "jaro_winkler_similarity(email_l, email_r) >= 0.9"),
    ),
    "different e-mail address",
)
PHONE: Final = Comparison(
    "phone",
    ("phones", "shared_phones", "phone"),
    _either_null("phone"),
    (
        Level("same phone number", "list_has_any(phones_l, phones_r)", "phone"),
        Level("a phone number that several people share", "list_has_any(shared_phones_l, shared_phones_r)"),
        Level("phone number off by one digit", "damerau_levenshtein(phone_l, phone_r) <= 1"),
    ),
    "different phone number",
)
ACCOUNT: Final = Comparison(
    "account",
    ("handles", "stems", "name_keys", "given", "family"),
    "(stems_l is null or coalesce(stems_r, name_keys_r) is null) "
    "and (stems_r is null or coalesce(stems_l, name_keys_l) is null)",
    (
        Level("same account", "list_has_any(handles_l, handles_r)"),
        Level("same user name elsewhere", "list_has_any(stems_l, stems_r)"),
        Level(
            "user name spells the other's name or e-mail",
            # Two whole names are compared as such; counting them twice would overrate them.
            "(given_l is null or given_r is null or family_l is null or family_r is null) and (coalesce(list_has_any(stems_l, name_keys_r), false) "
            "or coalesce(list_has_any(stems_r, name_keys_l), false))",
        ),
    ),
    "different user name",
)
EXTERNAL_ID: Final = Comparison(
    "external_id",
    ("links", "link_spaces"),
    "links_l is null or links_r is null or not "
    "(list_has_any(links_l, links_r) or list_has_any(link_spaces_l, link_spaces_r))",
    (Level("one names the other, or both name the same record", "list_has_any(links_l, links_r)"),),
    "each names another record of the same kind",
)
_STREET_WORDS: Final = "street_l = street_r"
_SAME_HOUSE: Final = "house_number_l = house_number_r"
_STREET_NEAR: Final = "jaro_winkler_similarity(street_l, street_r) >= 0.9"
_POSTCODE: Final = "postcode_l = postcode_r"
_POSTCODE_NEAR: Final = "damerau_levenshtein(postcode_l, postcode_r) <= 1"
_CITY: Final = "jaro_winkler_similarity(city_l, city_r) >= 0.9"
ADDRESS: Final = Comparison(
    "address",
    ("street", "house_number", "postcode", "city"),
    " and ".join(f"({_either_null(column)})" for column in ("street", "postcode", "city")),
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
)
COUNTRY: Final = Comparison(
    "country",
    ("countries",),
    _either_null("countries"),
    (Level("same country", "list_has_any(countries_l, countries_r)"),),
    "different country",
)
BIRTH_PLACE: Final = Comparison(
    "birth_place",
    ("birth_place",),
    _either_null("birth_place"),
    (
        Level("same place of birth", "birth_place_l = birth_place_r", "birth_place"),
        Level("similar place of birth", "jaro_winkler_similarity(birth_place_l, birth_place_r) >= 0.88"),
    ),
    "different place of birth",
)
OCCUPATION: Final = Comparison(
    "occupation",
    ("occupation",),
    _either_null("occupation"),
    (
        Level("same occupation", "occupation_l = occupation_r", "occupation"),
        Level("similar occupation", "jaro_winkler_similarity(occupation_l, occupation_r) >= 0.88"),
    ),
    "different occupation",
)
EVERY_COMPARISON: Final = (
    EXTERNAL_ID, EMAIL, PHONE, ACCOUNT, GIVEN_NAME, FAMILY_NAME, BIRTH_DATE, ADDRESS, COUNTRY, BIRTH_PLACE, OCCUPATION,
)  # fmt: skip
_DECIDING: Final = {
    "external_id": ("external_ids",), "email": ("email",), "phone": ("phone",), "account": ("stems",),
    "given_name": ("given",), "family_name": ("family",), "birth_date": ("birth_date",),
    "address": ("street", "postcode", "city"), "country": ("countries",), "birth_place": ("birth_place",), "occupation": ("occupation",),
}  # fmt: skip


def choose_comparisons(filled: dict[str, int], distinct: dict[str, int]) -> tuple[Comparison, ...]:
    """The comparisons whose deciding column has at least two records and two values to tell apart.

    Args:
        filled: rows with a value, per feature column.
        distinct: different values, per feature column.
    """
    return tuple(
        comparison
        for comparison in EVERY_COMPARISON
        if any(filled.get(column, 0) > 1 and distinct.get(column, 0) > 1 for column in _DECIDING[comparison.name])
    )
