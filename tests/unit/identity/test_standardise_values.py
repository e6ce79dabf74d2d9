"""E-mails, phones, names and addresses in every disguise."""

from __future__ import annotations

import pytest

from identity.standardise import address, name
from identity.standardise.email import standardise_email
from identity.standardise.phone import region_of, standardise_phone


@pytest.mark.parametrize(
    ("raw", "value", "key"),
    [
        ("Ann@Shop.com", "ann@shop.com", "ann@shop.com"),
        (" ann+sale@shop.com ", "ann+sale@shop.com", "ann@shop.com"),
        ("A.N.N+x@googlemail.com", "a.n.n+x@googlemail.com", "ann@gmail.com"),
        ("a.nn@shop.com", "a.nn@shop.com", "a.nn@shop.com"),
        ("Ann Lee <ann@shop.com>", "ann@shop.com", "ann@shop.com"),
        ("mailto:ann(at)shop.com", "ann@shop.com", "ann@shop.com"),
    ],
)
def test_an_email_is_deliverable_and_comparable(raw: str, value: str, key: str) -> None:
    read = standardise_email(raw)
    assert (read.value, read.match_key, read.is_valid, read.rejection_reason) == (value, key, True, None)


@pytest.mark.parametrize(
    "raw", ["test@test.com", "noreply@shop.com", "none", "N/A", "", "  ", "no@", "@shop.com", "ann@example.com"]
)
def test_a_junk_email_is_rejected_with_a_reason_and_never_compared(raw: str) -> None:
    read = standardise_email(raw)
    assert not read.is_valid
    assert read.rejection_reason
    assert read.match_key is None


def test_nearly_an_email_is_rejected_yet_compared() -> None:
    read = standardise_email("jack@booth.c.m")
    assert (read.value, read.is_valid, read.match_key) == (None, False, "jack@booth.c.m")


@pytest.mark.parametrize(
    ("raw", "region", "expected"),
    [
        ("(415) 712-0123", "US", "+14157120123"),
        ("1-415-712-0123", "US", "+14157120123"),
        ("0170 4570341", "DE", "+491704570341"),
        ("0049 170 4570341", "DE", "+491704570341"),
        ("+44 7447 619904", "US", "+447447619904"),
        ("07447 619904", "GB", "+447447619904"),
    ],
)
def test_a_phone_becomes_e164(raw: str, region: str, expected: str) -> None:
    read = standardise_phone(raw, region)
    assert (read.value, read.match_key, read.is_valid) == (expected, expected, True)


@pytest.mark.parametrize("raw", ["000-0000", "1111111111", "1234567890", "n/a", "", "12", "call me"])
def test_a_junk_phone_is_rejected_with_a_reason(raw: str) -> None:
    read = standardise_phone(raw, "US")
    assert (read.value, read.match_key, read.is_valid) == (None, None, False)
    assert read.rejection_reason


def test_a_number_of_no_plan_cannot_be_called_but_can_be_compared() -> None:
    read = standardise_phone("(555) 555-0123", "US")
    assert (read.value, read.is_valid, read.match_key) == (None, False, "+15555550123")


@pytest.mark.parametrize(
    ("country", "region"), [("de", "DE"), ("Deutschland", "DE"), ("UK", "GB"), ("USA", "US"), ("Atlantis", None)]
)
def test_a_country_is_known_by_code_and_by_name(country: str, region: str | None) -> None:
    assert region_of(country) == region


def test_a_number_knows_its_country() -> None:
    assert standardise_phone("+447447619904", "US").region == "GB"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller", "Mueller"),
        ("Müller", "MULLER"),
        ("O'Brien", "OBrien"),
        ("Ann-Marie", "Ann Marie"),
        ("Ελένη", "Eleni"),
        ("Зоя", "Zoya"),
        ("Guenter ✨", "Günter"),
    ],
)
def test_names_fold_to_one_spelling(one: str, other: str) -> None:
    assert name.given_name(one) == name.given_name(other)


@pytest.mark.parametrize(
    ("text", "given", "family"),
    [
        ("Ada Lovelace", "ada", "lovelace"),
        ("Lovelace, Ada", "ada", "lovelace"),
        ("Dr. Ada Lovelace, PhD", "ada", "lovelace"),
        ("Sammy Davis Jr.", "sammy", "davis"),
        ("Ludwig van der Berg", "ludwig", "van der berg"),
        ("Cher", "cher", None),
        ("  ", None, None),
        ("Unknown", None, None),
    ],
)
def test_a_whole_name_is_split(text: str, given: str | None, family: str | None) -> None:
    assert name.split_full_name(text) == name.Name(given, family)


def test_nicknames_share_a_form_with_the_name_and_not_with_another() -> None:
    def forms(word: str) -> set[str]:
        return set(name.given_forms(name.given_name(word) or ""))

    assert forms("Bill") & forms("William")
    assert forms("Liz") & forms("Elizabeth")
    assert forms("Mike") & forms("Michael")
    assert not forms("Robert") & forms("William")


def test_a_script_without_vowels_agrees_by_its_consonants() -> None:
    assert name.is_transcribed("محمد")
    assert not name.is_transcribed("Μαρία")
    assert name.skeleton(name.given_name("Mohammed") or "") == name.skeleton(name.given_name("محمد") or "")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12 Main St.", "12 main street"),
        ("Hauptstr. 5", "Hauptstrasse 5"),
        ("4 Lakewood Ave Apt 3", "4 LAKEWOOD AVENUE UNIT 3"),
    ],
)
def test_streets_fold_to_one_spelling(one: str, other: str) -> None:
    assert address.street(one) == address.street(other)
    assert address.street(one).number


def test_postcodes_are_compact() -> None:
    assert address.postcode("TS19 0SH") == "ts190sh"
    assert address.postcode("94610-1234") == "94610"
    assert address.postcode("00000") is None
