"""A mapping written by hand decides; it is written in the words of the platform's own."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from identity.recognise import recognise
from identity.recognise.mapping_file import FIELDS, WrongMapping, read_mapping_file
from orchestration.sources.file_mapping import PEOPLE_FIELDS, FileMapping

PLATFORM = """
files:
  - glob: "members_*.csv"
    stream: loyalty_members
    source: loyalty
    entity: member
    kind: people
    id: member_no
    fields:
      given_name: first
      family_name: last
      emails: [mail_a, mail_b]
      handles: {instagram: insta}
      external_ids: {"shopify:customer": shop_id}
      birth_date: dob
      country: {value: DE}
      email_marketing_consent: newsletter
    formats:
      birth_date: "%d|%m|%Y"
  - glob: visits.jsonl
    stream: store_visits
    source: till
    entity: visit
    kind: interactions
    id: visit_id
    person: member_no
    person_entity: member
    fields: {occurred_at: time}
"""


def _write(folder: Path, text: str) -> Path:
    path = folder / "mapping.yml"
    path.write_text(text)
    return path


def test_the_platforms_own_mapping_is_understood(tmp_path: Path) -> None:
    mapping = read_mapping_file(_write(tmp_path, PLATFORM))
    assert mapping.entry_for(Path("x/visits.jsonl")) is None
    entry = mapping.entry_for(Path("x/members_2026.csv"))
    assert entry is not None
    table = pa.table(
        {
            "member_no": ["7"],
            "first": ["Ida"],
            "last": ["Meier"],
            "mail_a": ["a@x.org"],
            "mail_b": ["b@x.org"],
            "insta": ["ida"],
            "shop_id": ["99"],
            "dob": ["03|04|1990"],
            "phone": ["030 123456"],
            "newsletter": ["yes"],
        }
    )
    found = recognise(table, mapping=entry)
    row = found.records.to_pylist()[0]
    assert (row["native_id"], row["given_name"], row["family_name"]) == ("7", "Ida", "Meier")
    assert (row["emails"], row["handles"]) == (["a@x.org", "b@x.org"], ["instagram:ida"])
    assert (row["external_ids"], row["country"]) == (["shopify:customer:99"], "DE")
    assert (row["birth_date"], row["phones"]) == (date(1990, 4, 3), None)


def test_the_words_are_the_platforms() -> None:
    platform_only = {"created_at", "updated_at", "email_marketing_consent", "sms_marketing_consent"}
    platform_only |= {"loyalty_number", "loyalty_tier", "loyalty_points", "member_since"}
    assert set(PEOPLE_FIELDS) - platform_only <= set(FIELDS)
    of_interactions = {"person", "person_source", "person_entity", "person_is"}
    # A mapping that takes files apart is refused: a table is matched as it is.
    of_nested_files = {"where", "explode", "optional", "rest", "quote"}
    keys = set(FileMapping.model_fields) - of_interactions - of_nested_files
    entry = read_mapping_file  # the entry's model, by what it reads
    assert keys <= set(entry.__globals__["TableMapping"].model_fields)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fields: {emials: mail}", "fields.emials: not a field of people; did you mean 'emails'"),
        ("fields: {given_name: [a, b]}", "has one value, so give one column"),
        ("fields: {handles: insta}", "write columns by platform"),
        ("fields: {given_name: 7}", "give a column, a list of columns"),
        ("fields: {given_name: a}\nids: b", "ids: unknown key; did you mean 'id'"),
        ("files: []", "files"),
        ("fields: {given_name: a}\nformats: {given_name: '%d'}", "formats.given_name"),
        ("- a", "the file"),
        ("a: [", "no YAML at line"),
    ],
)
def test_every_mistake_is_answered_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(WrongMapping) as caught:
        read_mapping_file(_write(tmp_path, text))
    assert message in str(caught.value)


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    entry = read_mapping_file(_write(tmp_path, "fields: {emails: mial}")).files[0]
    with pytest.raises(WrongMapping, match=r"fields.emails: there is no column 'mial'; did you mean 'mail'"):
        recognise(pa.table({"id": ["1"], "mail": ["a@x.org"]}), "id", mapping=entry)
