"""Cursors and identifiers: what goes out comes back in, and nonsense is refused politely."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException

from activation.api.cursors import read_cursor, write_cursor
from activation.api.identifiers import Identifier, identifier_of
from identity.standardise.email import standardise_email
from identity.standardise.phone import standardise_phone

NOTHING = dict.fromkeys(("email", "phone", "handle", "record_id", "customer_id"))
_places = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))


@given(st.lists(_places, min_size=1, max_size=3))
def test_a_cursor_comes_back_as_it_went_out(parts: list[str]) -> None:
    word = write_cursor(*parts)
    assert word.replace("-", "").replace("_", "").isalnum()
    assert read_cursor(word, len(parts)) == parts


@given(st.text(max_size=40))
def test_any_other_word_is_refused_and_nothing_else_happens(word: str) -> None:
    try:
        read_cursor(word, 2)
    except HTTPException as error:
        assert error.status_code == 422


def asked(**question) -> Identifier:
    return identifier_of({**NOTHING, **question}, "NO")


def test_lookups_fold_as_identity_does() -> None:
    email, phone = "Ada.L+x@Gmail.com", "912 34 567"
    assert asked(email=email) == Identifier("email", standardise_email(email).match_key)
    assert asked(phone=phone) == Identifier("phone", standardise_phone(phone, "NO").match_key)
    assert asked(phone=phone).match_key == "+4791234567"
    assert asked(handle="Instagram:@Ada.L") == Identifier("instagram", "ada.l")
    assert asked(record_id=" x:user:1 ") == Identifier("record_id", "x:user:1")


@pytest.mark.parametrize(
    "question", [{}, {"email": ""}, {"email": "a", "phone": "b"}, {"handle": "ada"}, {"handle": ":a"}]
)
def test_not_one_question_is_refused(question) -> None:
    with pytest.raises(HTTPException) as refusal:
        asked(**question)
    assert refusal.value.status_code == 422
