"""The comparisons that there are, and the choice among them by the columns that the data really fills."""

from __future__ import annotations

from typing import Final

from identity.comparisons import Comparison, Level


def _either_null(column: str) -> str:
    return f"{column}_l is null or {column}_r is null"


_SWAPPED: Final = "(given_l = family_r and given_r = family_l and given_l <> given_r)"


def _unreadable(name: str) -> str:
    """A script that gives no vowels, or no sounds, was put in letters: that the result differs says nothing."""
    skeleton = f"coalesce({name}_skeleton_l = {name}_skeleton_r, false)"
    return (
        f"(is_transcribed_l <> is_transcribed_r and not ({name}_l = {name}_r or {skeleton} "
        f"or coalesce({_SWAPPED}, false)))"
    )


GIVEN_NAME: Final = Comparison(
    "given_name",
    ("given", "given_all", "given_forms", "given_skeleton", "family", "is_transcribed"),
    f"{_either_null('given')} or {_unreadable('given')}",
    (
        Level("given and family name swapped", _SWAPPED),
        Level("same given names", "given_all_l = given_all_r and length(given_all_l) > 1", "given_all"),
        Level("same first given name", "given_l = given_r and length(given_l) > 1", "given"),
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
    decided_by=("given",),
)
FAMILY_NAME: Final = Comparison(
    "family_name",
    ("family", "family_forms", "family_skeleton", "given", "is_transcribed"),
    f"{_either_null('family')} or coalesce({_SWAPPED}, false) or {_unreadable('family')}",
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
    decided_by=("family",),
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
    decided_by=("birth_date",),
)
# An address that is made of its owner's name agrees with that of any namesake: the names have said it already.
_NAMED_ALIKE: Final = (
    "(email_local_l = email_local_r and email_l <> email_r and not regexp_matches(email_local_l, '[0-9]{2}') "
    "and coalesce(list_contains(list_concat(name_keys_l, initial_keys_l), email_stem_l), false) "
    "and coalesce(list_contains(list_concat(name_keys_r, initial_keys_r), email_stem_r), false) "
    "and not list_has_any(every_email_l, every_email_r))"
)
EMAIL: Final = Comparison(
    "email",
    ("emails", "shared_emails", "every_email", "email", "email_local", "email_stem", "name_keys", "initial_keys"),
    f"{_either_null('email')} or {_NAMED_ALIKE}",
    (
        Level("same e-mail address", "list_has_any(emails_l, emails_r)", "email", found_by_blocking=True),
        Level(
            "an e-mail address that several people share",
            "list_has_any(shared_emails_l, shared_emails_r)",
            found_by_blocking=True,
        ),
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
    decided_by=("email",),
)
PHONE: Final = Comparison(
    "phone",
    ("phones", "shared_phones", "phone"),
    _either_null("phone"),
    (
        Level("same phone number", "list_has_any(phones_l, phones_r)", "phone", found_by_blocking=True),
        Level(
            "a phone number that several people share",
            "list_has_any(shared_phones_l, shared_phones_r)",
            found_by_blocking=True,
        ),
        Level("phone number off by one digit", "damerau_levenshtein(phone_l, phone_r) <= 1"),
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


def _spells(keys: str) -> str:
    return f"coalesce(list_has_any(aliases_l, {keys}_r), false) or coalesce(list_has_any(aliases_r, {keys}_l), false)"


def _holds(holder: str, other: str, name: str) -> str:
    return f"(length({name}_{other}) > 3 and contains(alias_text_{holder}, {name}_{other}))"


USER_NAME: Final = Comparison(
    "user_name",
    ("aliases", "alias_text", "name_keys", "initial_keys", "given", "family", "platforms", "email"),
    # Two family names, two addresses, two accounts on one platform are compared as such: never the same twice.
    "(family_l is not null and family_r is not null) or (email_l is not null and email_r is not null) "
    "or coalesce(list_has_any(platforms_l, platforms_r), false) "
    "or coalesce(aliases_l, name_keys_l) is null or coalesce(aliases_r, name_keys_r) is null",
    (
        Level("user name spells the other's name", _spells("name_keys"), chance_of=("given_name", "family_name")),
        Level("same user name elsewhere", "list_has_any(aliases_l, aliases_r)"),
        Level(
            "user name spells the other's initial and family name",
            _spells("initial_keys"),
            chance_of=("family_name", "initial"),
        ),
        Level(
            "one user name begins with the other",
            "(least(length(alias_l), length(alias_r)) > 5 and (starts_with(alias_l, alias_r) "
            "or starts_with(alias_r, alias_l))) or jaro_winkler_similarity(alias_l, alias_r) >= 0.94",
        ),
        Level(
            "user name holds the other's family name", f"{_holds('l', 'r', 'family')} or {_holds('r', 'l', 'family')}"
        ),
        Level("user name holds the other's given name", f"{_holds('l', 'r', 'given')} or {_holds('r', 'l', 'given')}"),
    ),
    "user name says something else",
    decided_by=("aliases",),
    one_sided=True,  # half of all user names have nothing to do with a name
)
EXTERNAL_ID: Final = Comparison(
    "external_id",
    ("links", "link_spaces"),
    "links_l is null or links_r is null or not "
    "(list_has_any(links_l, links_r) or list_has_any(link_spaces_l, link_spaces_r))",
    (
        Level(
            "one names the other, or both name the same record",
            "list_has_any(links_l, links_r)",
            found_by_blocking=True,
        ),
    ),
    "each names another record of the same kind",
    decided_by=("external_ids",),
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
    decided_by=("street", "postcode", "city"),
)
COUNTRY: Final = Comparison(
    "country",
    ("countries",),
    _either_null("countries"),
    (Level("same country", "list_has_any(countries_l, countries_r)"),),
    "different country",
    decided_by=("countries",),
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
    decided_by=("birth_place",),
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
    BIRTH_DATE,
    ADDRESS,
    COUNTRY,
    BIRTH_PLACE,
    OCCUPATION,
)


def choose_comparisons(filled: dict[str, int], distinct: dict[str, int]) -> tuple[Comparison, ...]:
    """The comparisons whose deciding column has at least two records and two values to tell apart.

    Args:
        filled: rows with a value, per feature column.
        distinct: different values, per feature column.
    """
    return tuple(
        comparison
        for comparison in EVERY_COMPARISON
        if any(filled.get(column, 0) > 1 and distinct.get(column, 0) > 1 for column in comparison.decided_by)
    )


def stand_ins(comparisons: tuple[Comparison, ...]) -> list[tuple[int, int]]:
    """Places of comparisons that say the same in other words: a user name speaks for the family name it spells."""
    places = {comparison.name: place for place, comparison in enumerate(comparisons)}
    pairs = [("user_name", "family_name")]
    return [(places[one], places[other]) for one, other in pairs if one in places and other in places]
