"""Normalising and hashing contact details: the platforms' own published examples, and where the two differ."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activation.destinations import hashing

# From Meta's "Customer Information Parameters", input -> expected SHA-256.
PUBLISHED_BY_META = [
    (hashing.meta_email, "John_Smith@gmail.com", "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"),
    (hashing.meta_phone, "+1 (650)555-1212", "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176"),
    (hashing.meta_name, "Mary", "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec"),
    (hashing.meta_name, "정", "8fa8cd9c440be61d0151429310034083132b35975c4bea67fdd74158eb51db14"),
    (hashing.meta_name, "Valéry", "08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c"),
    (hashing.meta_country, "United States", "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621"),
]


@pytest.mark.parametrize(("rule", "raw", "published"), PUBLISHED_BY_META)
def test_metas_published_examples(rule, raw, published) -> None:
    assert hashing.sha256(rule(raw)) == published


@pytest.mark.parametrize(
    ("rule", "raw", "normalised"),
    [
        (hashing.meta_city, "New York", "newyork"),
        (hashing.meta_city, "Paris", "paris"),
        (hashing.meta_city, "L'Haÿ-les-Roses", "lhaÿlesroses"),
        (hashing.meta_name, "O'Neill", "oneill"),
        (hashing.meta_name, " Jean-Luc ", "jeanluc"),
        (hashing.meta_email, "  A.B+c@Gmail.com ", "a.b+c@gmail.com"),
        (hashing.meta_phone, "0047 912 34 567", "4791234567"),
        (hashing.meta_phone, "+1 650 555 1212 ext. 9", "16505551212"),
    ],
)
def test_meta_normalises_as_documented(rule, raw, normalised) -> None:
    assert rule(raw) == normalised


def test_meta_knows_american_states_and_short_postcodes() -> None:
    assert hashing.meta_state("California", "US") == hashing.meta_state("CA", "United States") == "ca"
    assert hashing.meta_state("New South Wales", "AU") == "newsouthwales"
    assert hashing.meta_postcode("94035-1234", "US") == "94035"
    assert hashing.meta_postcode("M1 1AE", "GB") == "m11ae", "Meta's own example"
    assert hashing.meta_postcode("75018") == "75018"


@pytest.mark.parametrize(
    ("raw", "normalised"),
    [
        # Both examples are Google's.
        ("cloudy.sanfrancisco+shopping@gmail.com", "cloudysanfrancisco@gmail.com"),
        ("user.name+NYC@Example.com", "user.name+nyc@example.com"),
        (" J.Smith@GoogleMail.com ", "jsmith@googlemail.com"),
        ("ada @ example.com", "ada@example.com"),
    ],
)
def test_google_folds_only_gmail(raw, normalised) -> None:
    assert hashing.google_email(raw) == normalised


def test_google_keeps_the_plus_of_a_phone() -> None:
    assert hashing.google_phone("+1 800 555-0100") == "+18005550100", "Google's example, (800)555-0100"


def test_google_names_lose_titles_and_extra_spaces_and_keep_punctuation() -> None:
    assert hashing.google_given_name(" Mrs.  Mary   Ann ") == "mary ann"
    assert hashing.google_family_name("O'Neill, Jr.") == "o'neill"
    assert hashing.google_given_name("Dr") == "dr", "somebody's only name is kept"


def test_the_platforms_differ() -> None:
    row = {"email": "Ada.L+x@gmail.com", "phone": "+4791234567", "first_name": "Anne-Marie", "last_name": "O'Neill"}
    row |= {"country": "Norway", "postcode": "0150"}
    meta, google, address = hashing.meta_keys(row), hashing.google_contact(row), hashing.google_address(row)
    assert address is not None
    assert meta["EMAIL"] != google["hashedEmail"]
    assert meta["PHONE"] != google["hashedPhoneNumber"]
    assert meta["FN"] != address["hashedFirstName"]
    assert meta["LN"] != address["hashedLastName"]
    assert (meta["COUNTRY"], meta["ZIP"]) == (hashing.sha256("no"), hashing.sha256("0150"))
    assert (address["countryCode"], address["postalCode"]) == ("NO", "0150"), "documented as not hashed"


def test_an_address_without_a_part_is_not_sent_to_google() -> None:
    row = {"first_name": "Ada", "last_name": "Lovelace", "country": "NO", "postcode": "0150"}
    assert hashing.google_address(row) is not None
    for missing in row:
        assert hashing.google_address({**row, missing: None}) is None


def test_a_decomposed_letter_hashes_as_the_published_one() -> None:
    decomposed = unicodedata.normalize("NFD", "Valéry")
    assert decomposed != "Valéry"
    assert hashing.meta_name(decomposed) == "valéry"


@pytest.mark.parametrize("raw", ["", "ada", "ada@", "@example.com", "a@b@c.com", "a b@c", "ada@localhost"])
def test_what_is_no_email_is_not_hashed(raw) -> None:
    assert hashing.meta_email(raw) is None
    assert hashing.google_email(raw) is None


@pytest.mark.parametrize("raw", ["", "91234567", "(650)555-1212", "+47", "call me", "+00000000000"])
def test_a_number_without_its_country_is_not_hashed(raw) -> None:
    assert hashing.meta_phone(raw) is None
    assert hashing.google_phone(raw) is None


def test_a_row_without_anything_gives_no_keys() -> None:
    assert hashing.meta_keys({"email": None, "phone": " ", "birth_date": "unknown"}) == {}
    assert hashing.google_contact({}) == {}


def test_a_birth_date_becomes_three_keys() -> None:
    keys = hashing.meta_keys({"birth_date": "1997-02-06"})
    assert keys == {key: hashing.sha256(value) for key, value in {"DOBY": "1997", "DOBM": "02", "DOBD": "06"}.items()}


@given(
    st.fixed_dictionaries(
        {name: st.none() | st.text(max_size=30) | st.emails() | st.just("+4791234567") for name in hashing.META_FIELDS}
    )
)
def test_nothing_unhashed_leaves(row) -> None:
    kept = [*hashing.meta_keys(row).values(), *hashing.google_contact(row).values()]
    assert all(re.fullmatch("[0-9a-f]{64}", value) for value in kept)


@given(st.emails())
def test_normalising_twice_changes_nothing(email: str) -> None:
    for rule in (hashing.meta_email, hashing.google_email):
        once = rule(email)
        assert once is None or rule(once) == once
