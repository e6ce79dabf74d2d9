"""An audit of the evidence: the records are dirty, yet nearly every true pair can be found by something strong.

The share of true pairs that strong evidence connects is the ceiling of what any matcher can recall without guessing.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict

import phonenumbers
import pytest
from anyascii import anyascii

from sandbox.generator import generate
from sandbox.records import identity_records, truth

JUNK = {"test@test.com", "noemail@example.com", "none@none.com", "no@email.com"}


def email_key(email: str) -> str | None:
    local, _, domain = email.strip().lower().partition("@")
    if not domain or f"{local}@{domain}" in JUNK:
        return None
    local = local.partition("+")[0]
    if domain in {"gmail.com", "googlemail.com"}:
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}@{domain}"


def phone_key(phone: str, country: str | None) -> str | None:
    try:
        parsed = phonenumbers.parse(phone, country or "US")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def folded(name: str | None) -> str:
    return re.sub(r"[^a-z]", "", anyascii(name or "").lower())


def strong_keys(record: dict) -> set[str]:
    """What this record shares with no stranger, in trivially normalised form."""
    keys = {f"email {email_key(e)}" for e in record["emails"] if email_key(e)}
    keys |= {f"phone {phone_key(p, record['country'])}" for p in record["phones"] if phone_key(p, record["country"])}
    keys |= {f"handle {h}" for h in record["handles"]}
    keys |= {f"id {record['record_id']}"} | {f"id {other}" for other in record["external_ids"]}
    name = f"{folded(record['given_name'])} {folded(record['family_name'])}"
    if record["given_name"] and record["family_name"]:
        if record["birth_date"]:
            keys.add(f"born {name} {record['birth_date']}")
        if record["street"] and record["postcode"]:
            house = re.sub(r"\D", "", record["street"])
            keys.add(f"lives {name} {house} {record['postcode'].replace(' ', '')}")
    return keys


def pairs(groups: Counter) -> int:
    return sum(n * (n - 1) // 2 for n in groups.values())


def connected_share(records: list[dict], person: dict[str, str]) -> float:
    """The share of true pairs that strong keys connect, directly or through other records of the person."""
    parent = {record["record_id"]: record["record_id"] for record in records}

    def root(record: str) -> str:
        while parent[record] != record:
            parent[record] = record = parent[parent[record]]
        return record

    first: dict[tuple[str, str], str] = {}
    for record in records:
        for key in strong_keys(record):
            owner = (person[record["record_id"]], key)
            parent[root(record["record_id"])] = root(first.setdefault(owner, record["record_id"]))
    return pairs(Counter(root(r) for r in parent)) / pairs(Counter(person[r] for r in parent))


@pytest.fixture(scope="module", params=[7, 11, 3])
def sample(request) -> tuple[list[dict], dict[str, str]]:
    world = generate(2000, seed=request.param)
    who = truth(world)
    person = dict(zip(who["record_id"].to_pylist(), who["person_id"].to_pylist(), strict=True))
    return identity_records(world).to_pylist(), person


def test_strong_evidence_connects_the_true_pairs(sample):
    assert connected_share(*sample) >= 0.95


def test_the_audit_notices_a_world_without_evidence(sample):
    records, person = sample
    blind = [r | {"emails": [], "handles": [], "external_ids": []} for r in records]
    assert connected_share(blind, person) < 0.8


def test_no_single_key_is_enough(sample):
    """E-mail alone must not solve the sandbox: what it does not show is what the product is for."""
    records, person = sample
    bare = {"phones": [], "handles": [], "external_ids": [], "given_name": None}
    assert connected_share([r | bare for r in records], person) < 0.75


def test_strangers_share_few_keys(sample):
    """Families share phones and e-mails; beyond families, a strong key stays with one person."""
    records, person = sample
    owners: dict[str, set[str]] = defaultdict(set)
    for record in records:
        for key in strong_keys(record):
            owners[key].add(person[record["record_id"]])
    shared = [key for key, who in owners.items() if len(who) > 1]
    assert 0 < len(shared) < 0.03 * len(owners)
    assert {key.split()[0] for key in shared} <= {"email", "phone", "lives"}


def test_people_share_names(sample):
    records, person = sample
    bearers: dict[str, set[str]] = defaultdict(set)
    for record in records:
        if record["given_name"] and record["family_name"]:
            bearers[f"{record['given_name']} {record['family_name']}"].add(person[record["record_id"]])
    assert sum(len(who) > 1 for who in bearers.values()) >= 15
