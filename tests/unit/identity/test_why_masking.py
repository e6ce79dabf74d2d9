"""A masked value never tells the value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.why.masking import folded, mask, record_label

KINDS = ["email", "phone", "name", "date", "handle", "street", "postcode", "city", "word"]
ANYTHING = st.text(min_size=1, max_size=30).filter(lambda text: folded(text) != "")


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("email", "ann.smith@gmail.com", "a***@g***.com"),
        ("email", "ann@localhost", "a***@***"),
        ("email", "not an address", "***"),
        ("phone", "+1 (415) 555-0123", "*** 23"),
        ("phone", "12345", "***"),
        ("name", "Ada King Lovelace", "A. K. L."),
        ("name", "Jo Li", "* *"),
        ("name", "J.", "*"),
        ("date", "1984-05-06", "1984-**-**"),
        ("date", "6 May 1984", "***"),
        ("handle", "instagram:ada.l", "instagram:a***"),
        ("city", "Leeds", "L***"),
        ("postcode", "LS", "***"),
        ("country", "GB", "GB"),
    ],
)
def test_just_enough_is_left_to_recognise_what_one_knows(kind: str, value: str, shown: str) -> None:
    assert mask(kind, value) == shown


@given(st.sampled_from(KINDS), ANYTHING)
def test_the_value_is_never_in_its_mask(kind: str, value: str) -> None:
    assert value.casefold() not in mask(kind, value).casefold()


@given(st.text("abcdefgh", min_size=2, max_size=12), st.text("ijkln", min_size=2, max_size=12))
def test_neither_the_name_nor_the_host_of_an_address_is_told(name: str, host: str) -> None:
    shown = mask("email", f"{name}@{host}.com")
    assert name not in shown
    assert host not in shown


@given(st.from_regex(r"\+[1-9][0-9]{6,13}", fullmatch=True))
def test_a_phone_keeps_two_digits(phone: str) -> None:
    assert mask("phone", phone).removeprefix("*** ") == phone[-2:]


def test_a_record_id_made_of_a_personal_value_is_masked() -> None:
    personal = frozenset({folded("Ada.Lovelace"), folded("+44 20 7946 0123")})
    assert record_label("files:people:ada@analytical.org") == "files:people:a***@a***.org"
    assert record_label("meta:instagram_user:ada_lovelace", personal) == "meta:instagram_user:a***"
    assert record_label("x:user:442079460123", personal) == "x:user:4***"
    assert record_label("shopify:customer:6100063930368", personal) == "shopify:customer:6100063930368"
