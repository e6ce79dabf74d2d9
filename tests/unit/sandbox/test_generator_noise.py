"""Every kind of error that real systems make is there, and rare enough to stay an error."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from nicknames import NickNamer

from identity.contract import IDENTITY_RECORDS
from sandbox.generator import generate
from sandbox.generator.columns import join_present
from sandbox.generator.draw import stream
from sandbox.generator.typing_errors import mistype
from sandbox.records import identity_records, truth


@pytest.fixture(scope="module")
def world():
    return generate(2000, seed=7)


@pytest.fixture(scope="module")
def both(world) -> list[tuple[dict, dict]]:
    """Every record beside its person."""
    people = {row["person_id"]: row for row in world["people"].to_pylist()}
    return [(row, people[row["person_id"]]) for row in world["records"].to_pylist()]


def script_of(text: str | None) -> set[str]:
    return {unicodedata.name(c, "?").split()[0] for c in text or "" if c.isalpha()}


def exchanged(record: dict, person: dict) -> bool:
    born = record["birth_date"]
    return (
        bool(born)
        and born != person["birth_date"]
        and (born.day, born.month)
        == (
            person["birth_date"].month,
            person["birth_date"].day,
        )
    )


def mistyped(record: dict, person: dict) -> bool:
    written, meant = ((row["family_name"] or "").lower() for row in (record, person))
    if not (written.isascii() and meant.isascii()) or abs(len(written) - len(meant)) > 1:
        return False  # another script, or another way to write an accent, is no slip
    return written != meant and SequenceMatcher(None, written, meant).ratio() > 0.8


NOISE = {
    "typo": mistyped,
    "nickname": lambda r, p: r["given_name"] and r["given_name"].lower() in NAMER.nicknames_of(p["given_name"].lower()),
    "maiden name": lambda r, p: p["former_family_name"] and r["family_name"] == p["former_family_name"],
    "maiden name noted": lambda r, p: r["former_family_name"] and r["former_family_name"] == p["former_family_name"],
    "old address": lambda r, p: r["postcode"] and r["postcode"].replace(" ", "") != p["postcode"].replace(" ", ""),
    "junk e-mail": lambda r, p: r["email"] and r["email"].lower() == "test@test.com",
    "junk phone": lambda r, p: r["phone"] in {"000-0000", "123456"},
    "plus tag": lambda r, p: "+" in (r["email"] or ""),
    "googlemail": lambda r, p: (r["email"] or "").endswith("@googlemail.com"),
    "shouted name": lambda r, p: (r["family_name"] or "").isupper() and len(r["family_name"]) > 3,
    "initial": lambda r, p: re.fullmatch(r"\w\.?", r["given_name"] or "") and len(p["given_name"]) > 1,
    "swapped": lambda r, p: r["given_name"] == p["family_name"] and r["family_name"] == p["given_name"],
    "day and month exchanged": exchanged,
    "no given name": lambda r, p: r["system"] == "shopify" and r["given_name"] is None,
    "extension": lambda r, p: " x" in (r["phone"] or ""),
    "dotted phone": lambda r, p: re.fullmatch(r"\d{3}\.\d{3}\.\d{4}", r["mobile_phone"] or ""),
    "Cyrillic": lambda r, p: "CYRILLIC" in script_of(r["family_name"]),
    "Greek": lambda r, p: "GREEK" in script_of(r["family_name"]),
    "Arabic": lambda r, p: "ARABIC" in script_of(r["family_name"] or r["full_name"]),
    "Chinese characters": lambda r, p: "CJK" in script_of(r["family_name"] or r["full_name"]),
    "accents": lambda r, p: re.search("[éèäöüñ]", r["family_name"] or ""),
    "handle with an at sign": lambda r, p: (r["instagram_handle"] or "").startswith("@"),
    "opted out here": lambda r, p: r["email_consent"] == "denied",
}
NAMER = NickNamer()


@pytest.mark.parametrize("kind", NOISE)
def test_the_noise_is_there(both, kind):
    hit = sum(bool(NOISE[kind](record, person)) for record, person in both)
    assert 3 <= hit <= 0.25 * len(both)


def test_some_opted_out_in_one_system_only(both):
    said: dict[str, set[str]] = {}
    for record, person in both:
        if record["email_consent"]:
            said.setdefault(person["person_id"], set()).add(record["email_consent"])
    assert sum(words == {"granted", "denied"} for words in said.values()) >= 20


def test_families_share_phones_and_e_mails(world, both):
    household = dict(zip(*(world["people"][c].to_pylist() for c in ("person_id", "household_id")), strict=True))
    users: dict[str, set[str]] = {}
    for record, person in both:
        email, digits = (record["email"] or "").lower(), re.sub(r"\D", "", record["phone"] or "")
        for value in (email, digits[-9:] if len(digits) > 9 and digits[:3] != digits[3:6] else ""):
            if value:
                users.setdefault(value, set()).add(person["person_id"])
    within = [who for who in users.values() if len(who) > 1 and len({household[p] for p in who}) == 1]
    assert len(within) >= 20


def test_twins_and_sons_named_after_their_father(world):
    people = world["people"].to_pylist()
    homes: dict[str, list[dict]] = {}
    for person in people:
        homes.setdefault(person["household_id"], []).append(person)
    pairs = [(a, b) for home in homes.values() for i, a in enumerate(home) for b in home[i + 1 :]]
    twins = [(a, b) for a, b in pairs if a["birth_date"] == b["birth_date"]]
    juniors = [(a, b) for a, b in pairs if (a["given_name"], a["family_name"]) == (b["given_name"], b["family_name"])]
    assert twins
    assert juniors
    assert all(a["given_name"] != b["given_name"] for a, b in twins)
    assert all(abs((a["birth_date"] - b["birth_date"]).days) > 16 * 365 for a, b in juniors)


def test_namesakes_live_in_one_city_in_different_homes(world):
    homes: dict[tuple, set[str]] = {}
    for person in world["people"].to_pylist():
        homes.setdefault((person["given_name"], person["family_name"], person["city"]), set()).add(
            person["household_id"]
        )
    assert sum(len(some) > 1 for some in homes.values()) >= 5


def test_messages_mention_orders_addresses_and_phones(world):
    bodies = world["ticket_comments"]["body"].to_pylist() + world["direct_messages"]["body"].to_pylist()
    names = set(world["orders"]["order_name"].to_pylist())
    mentioned = [m.group() for body in bodies for m in re.finditer(r"#\d+", body)]
    assert len(mentioned) >= 50
    assert set(mentioned) <= names
    assert sum("@" in body for body in bodies) >= 50
    assert sum(bool(re.search(r"\+\d{9,}", body)) for body in bodies) >= 50
    assert not any("{" in body for body in bodies)


def test_a_slip_changes_exactly_the_rows_asked_for():
    words = pa.array(["Katherine", "Ivanov", None, "Al", "Müller", "Katherine"])
    slipped = mistype(stream(1, "test"), words, pc.is_valid(words).to_numpy(zero_copy_only=False))
    assert [a == b for a, b in zip(words.to_pylist(), slipped.to_pylist(), strict=True)][2:4] == [True, True]
    assert sum(a != b for a, b in zip(words.to_pylist(), slipped.to_pylist(), strict=True)) >= 3
    for before, after in zip(words.to_pylist(), slipped.to_pylist(), strict=True):
        if before and len(before) > 2:
            assert abs(len(before) - len(after)) <= 1
            assert after[0] == before[0]
    untouched = mistype(stream(1, "test"), words, pc.is_null(words).to_numpy(zero_copy_only=False))
    assert untouched.equals(words)


def test_parts_of_a_name_keep_their_rows():
    given, family = pa.array(["Ada", None, "Ada", None]), pa.array(["Lovelace", "Lovelace", None, None])
    assert join_present(given, family).to_pylist() == ["Ada Lovelace", "Lovelace", "Ada", None]


def test_identity_records_keep_the_contract(world):
    records = identity_records(world)
    assert records.schema == IDENTITY_RECORDS
    assert records["record_id"].to_pylist() == truth(world)["record_id"].to_pylist()
    for row in records.to_pylist():
        assert row["record_id"] == f"{row['source']}:{row['entity']}:{row['native_id']}"
        assert all(h == h.lower() and "@" not in h for h in row["handles"])
        assert row["phones"] == sorted(set(row["phones"]))
    assert "person_id" not in records.column_names
