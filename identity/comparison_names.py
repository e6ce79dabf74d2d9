"""How names are compared: given and family names, what they have in common, and the user names made of them."""

from __future__ import annotations

from typing import Final

from identity.comparisons import Comparison, Level, either_null, letters_off

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
    f"{either_null('given')} or {_unreadable('given')}",
    (
        Level("given and family name swapped", _SWAPPED),
        Level("same given names", "given_all_l = given_all_r and length(given_all_l) > 1", "given_all"),
        Level("same first given name", "given_l = given_r and length(given_l) > 1", "given"),
        Level("a nickname or another form of the same given name", "list_has_any(given_forms_l, given_forms_r)"),
        Level(
            "given name off by one letter",
            f"({letters_off('given', 1)} "
            "and least(length(given_l), length(given_r)) > 3) "
            "or jaro_winkler_similarity(given_l, given_r) >= 0.93",
        ),
        Level("one given name begins with the other", "starts_with(given_l, given_r) or starts_with(given_r, given_l)"),
        Level(
            "a given name stands where the other has the family name",
            # Where both have one family name, a given name that resembles it is one record's own affair.
            "coalesce(family_l <> family_r, true) and (jaro_winkler_similarity(given_l, family_r) >= 0.92 "
            "or jaro_winkler_similarity(given_r, family_l) >= 0.92)",
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
    f"{either_null('family')} or coalesce({_SWAPPED}, false) or {_unreadable('family')}",
    (
        Level("same family name", "family_l = family_r", "family"),
        Level("a former or partial family name in common", "list_has_any(family_forms_l, family_forms_r)"),
        Level(
            "family name off by one letter",
            f"({letters_off('family', 1)} "
            "and least(length(family_l), length(family_r)) > 3) "
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
# Given and family names come from one culture: strangers who share one share the other more often than by chance.
NAMESAKES: Final = Comparison(
    "namesakes",
    ("given", "family", "name_and_birth_date"),
    "not coalesce(left(given_l, 3) = left(given_r, 3) and left(family_l, 3) = left(family_r, 3), false)",
    (
        Level(
            "names and birth date that more people share than chance has it",
            "coalesce(name_and_birth_date_l = name_and_birth_date_r, false)",
            "name_and_birth_date",
            own_share=1.0,
        ),
        Level("names that go together agree together", "true"),
    ),
    "names that do not go together",
    decided_by=("family",),
    correction_of=("given_name", "family_name"),
)


def _spells(keys: str) -> str:
    return f"coalesce(list_has_any(aliases_l, {keys}_r), false) or coalesce(list_has_any(aliases_r, {keys}_l), false)"


def _holds(holder: str, other: str, name: str) -> str:
    return f"(length({name}_{other}) > 3 and contains(alias_text_{holder}, {name}_{other}))"


# Where given names are compared as such, a user name that holds one says nothing new of it.
_NO_GIVEN: Final = "(given_l is null or given_r is null)"
USER_NAME: Final = Comparison(
    "user_name",
    ("aliases", "alias_text", "user_names", "name_keys", "initial_keys", "given", "family", "platforms", "email"),
    # Two family names, two addresses, two accounts on one platform are compared as such: never the same twice.
    "(family_l is not null and family_r is not null) or (email_l is not null and email_r is not null) "
    "or coalesce(list_has_any(platforms_l, platforms_r), false) "
    "or coalesce(aliases_l, name_keys_l) is null or coalesce(aliases_r, name_keys_r) is null",
    (
        Level(
            "user name spells the other's name",
            f"{_NO_GIVEN} and ({_spells('name_keys')})",
            chance_of=("given_name", "family_name"),
        ),
        Level("user name spells the other's family name too", _spells("name_keys"), chance_of=("family_name",)),
        Level("same user name elsewhere", "list_has_any(user_names_l, user_names_r)"),
        Level(
            "user name spells the other's initial and family name",
            _spells("initial_keys"),
            chance_of=("family_name", "initial"),
        ),
        # Two numbers that differ tell apart; one that is there once only does not.
        Level(
            "same user name but for digits",
            "list_has_any(user_names_l, aliases_r) or list_has_any(aliases_l, user_names_r)",
        ),
        Level(
            "one user name begins with the other",
            "(least(length(alias_l), length(alias_r)) > 5 and (starts_with(alias_l, alias_r) "
            "or starts_with(alias_r, alias_l))) or jaro_winkler_similarity(alias_l, alias_r) >= 0.94",
        ),
        Level(
            "user name holds the other's family name", f"{_holds('l', 'r', 'family')} or {_holds('r', 'l', 'family')}"
        ),
        Level(
            "user name holds the other's given name",
            f"{_NO_GIVEN} and ({_holds('l', 'r', 'given')} or {_holds('r', 'l', 'given')})",
        ),
    ),
    "user name says something else",
    decided_by=("aliases",),
    one_sided=True,  # half of all user names have nothing to do with a name
)
