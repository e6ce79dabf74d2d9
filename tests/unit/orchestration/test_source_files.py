"""Files become raw rows whose payload is canonical; a line that is no row is kept as a line."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from orchestration.sources.errors import SourceError
from orchestration.sources.file_mapping import read_mapping
from orchestration.sources.files import KINDS, _read, parts, truth

PEOPLE = {
    "glob": "members.*",
    "stream": "members",
    "source": "loyalty",
    "entity": "member",
    "kind": "people",
    "id": "no",
    "fields": {
        "full_name": "name",
        "emails": ["email", "email2"],
        "handles": {"instagram": "insta"},
        "external_ids": {"shopify:customer": "shop_id"},
        "birth_date": "dob",
        "country": {"value": "US"},
        "email_marketing_consent": "news",
    },
    "formats": {"birth_date": "%d/%m/%Y"},
    "truth": "who",
}
HEADER = "no,name,email,email2,insta,shop_id,dob,news,who,shoe"
ADA = "1,Ada,a@x.com, ,ada.l,77,10/12/1815,yes,p1,38"


def folder_of(tmp_path: Path, name: str, text: str | bytes, **changes) -> Path:
    (tmp_path / "mapping.yml").write_text(yaml.safe_dump({"files": [PEOPLE | changes]}))
    (tmp_path / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return tmp_path


def rows(folder: Path) -> list[dict]:
    return [
        {**row, "payload": json.loads(row["payload"])}
        for kind in KINDS
        for part in parts(folder, read_mapping(folder).files, kind)
        for table in _read(part, {place for place, _ in part.entries})
        if isinstance(table, pa.Table)
        for row in table.to_pylist()
    ]


def test_a_row_in_canonical_fields(tmp_path):
    (row,) = rows(folder_of(tmp_path, "members.csv", f"{HEADER}\n{ADA}\n"))
    assert row == {
        "record_key": "loyalty:member:1",
        "native_id": "1",
        "cursor_value": None,
        "ingest_error": None,
        "payload": {
            "stream": "members",
            "source": "loyalty",
            "entity": "member",
            "native_id": "1",
            "full_name": "Ada",
            "emails": ["a@x.com"],
            "handles": ["instagram:ada.l"],
            "external_ids": ["shopify:customer:77"],
            "birth_date": "1815-12-10",
            "country": "US",
            "email_marketing_consent": True,
            "extra": {"shoe": "38"},
        },
    }


def test_what_does_not_fit_stays_text_for_staging_to_judge(tmp_path):
    (row,) = rows(folder_of(tmp_path, "members.csv", f"{HEADER}\n1,Ada,none,,,,31/02/1990,perhaps,,\n"))
    assert row["payload"]["birth_date"] == "31/02/1990"
    assert row["payload"]["email_marketing_consent"] == "perhaps"
    assert row["payload"]["emails"] == ["none"]


def test_a_malformed_line_is_kept_with_its_reason(tmp_path):
    text = f"{HEADER}\n{ADA}\n2,Too,many,,,,,,,,,columns\n3,too few\n"
    good, *bad = sorted(rows(folder_of(tmp_path, "members.csv", text)), key=lambda row: row["ingest_error"] or "")
    assert good["native_id"] == "1"
    assert [row["payload"]["line"] for row in bad] == ["3,too few", "2,Too,many,,,,,,,,,columns"]
    assert all(row["ingest_error"].startswith("not a row of the file") for row in bad)
    assert all(row["record_key"].startswith("missing:") for row in bad)


def test_an_unclosed_quote_swallows_lines_but_loses_none(tmp_path):
    text = f'{HEADER}\n{ADA}\n2,"open,b@x.com,,,,,,,\n3,Eve,e@x.com,,,,,,,\n'
    found = rows(folder_of(tmp_path, "members.csv", text))
    kept = " ".join(json.dumps(row["payload"]) for row in found)
    assert "b@x.com" in kept and "e@x.com" in kept


def test_bytes_that_are_no_utf8_are_kept_as_an_error_or_read_when_the_encoding_is_named(tmp_path):
    text = f"{HEADER}\n{ADA}\n2,Zoé,z@x.com,,,,,,,\n".encode("latin-1")
    found = {row["native_id"]: row for row in rows(folder_of(tmp_path, "members.csv", text))}
    assert "encoding" in found[None]["ingest_error"]
    found = {row["native_id"]: row for row in rows(folder_of(tmp_path, "members.csv", text, encoding="latin-1"))}
    assert found["2"]["payload"]["full_name"] == "Zoé"


def test_another_delimiter_a_mark_and_line_ends_of_another_system(tmp_path):
    text = "\ufeff" + f"{HEADER}\r\n{ADA}\r\n".replace(",", ";")
    (row,) = rows(folder_of(tmp_path, "members.csv", text))
    assert row["payload"]["full_name"] == "Ada"


def test_a_row_without_id_and_ids_that_come_twice(tmp_path):
    text = f"{HEADER}\n{ADA}\n,Nobody,,,,,,,,\n1,Ada the second,,,,,,,,\n{ADA}\n"
    found = {row["ingest_error"]: row for row in rows(folder_of(tmp_path, "members.csv", text))}
    assert found[None]["payload"]["full_name"] == "Ada", "the last of the file, an exact repetition of the first"
    assert found["no id"]["record_key"].startswith("missing:")
    assert found["a later row of the file has the same id"]["payload"]["full_name"] == "Ada the second"
    assert len({row["record_key"] for row in found.values()}) == 3


def test_jsonl_with_lists_unknown_keys_and_broken_lines(tmp_path):
    lines = [
        {"no": 1, "name": "Ada", "email": ["a@x.com", "b@x.com"], "email2": None, "insta": "ada", "shop_id": 7},
        {"no": 2, "name": "x\x00y", "dob": "01/02/1990", "news": False, "who": "p", "new": {"deep": [1]}},
    ]
    text = "\n".join([*map(json.dumps, lines), "", "{broken", "[1]"]) + "\n"
    found = {row["native_id"]: row for row in rows(folder_of(tmp_path, "members.jsonl", text))}
    assert found["1"]["payload"]["emails"] == ["a@x.com", "b@x.com"]
    assert found["1"]["payload"]["external_ids"] == ["shopify:customer:7"]
    assert found["2"]["payload"]["full_name"] == "xy"
    assert found["2"]["payload"]["email_marketing_consent"] is False
    assert found["2"]["payload"]["extra"] == {"new": '{"deep":[1]}'}
    assert [row["ingest_error"] for row in rows(tmp_path) if row["ingest_error"]] == ["not a JSON object"] * 2


def test_parquet_with_types(tmp_path):
    table = pa.table(
        {name: ["1"] for name in HEADER.split(",") if name not in ("no", "email")}
        | {"no": [1], "email": pa.array([["a@x.com", "b@x.com"]])}
    )
    folder_of(tmp_path, "members.parquet", b"")
    pq.write_table(table, tmp_path / "members.parquet")
    (row,) = rows(tmp_path)
    assert row["record_key"] == "loyalty:member:1"
    assert row["payload"]["emails"] == ["a@x.com", "b@x.com", "1"]


def test_an_interaction_names_its_person(tmp_path):
    entry = {
        "glob": "visits.csv",
        "stream": "visits",
        "source": "till",
        "entity": "visit",
        "kind": "interactions",
        "id": "id",
        "person": "member",
        "person_source": "loyalty",
        "person_entity": "member",
        "fields": {"occurred_at": "at", "channel": {"value": "store"}, "amount": "sum"},
        "formats": {"occurred_at": "%d.%m.%Y %H:%M"},
    }
    (tmp_path / "mapping.yml").write_text(yaml.safe_dump({"files": [entry]}))
    (tmp_path / "visits.csv").write_text("id,member,at,sum\nv1,1,02.03.2026 10:30,12.50\n")
    (row,) = rows(tmp_path)
    assert row["record_key"] == "till:visit:v1"
    assert row["payload"] == {
        "stream": "visits",
        "source": "till",
        "entity": "visit",
        "native_id": "v1",
        "interaction_id": "till:visit:v1",
        "record_id": "loyalty:member:1",
        "occurred_at": "2026-03-02T10:30:00Z",
        "channel": "store",
        "amount": "12.50",
    }


def test_the_truth_is_read_for_evaluation_and_never_in_a_payload(tmp_path):
    folder = folder_of(tmp_path, "members.csv", f"{HEADER}\n{ADA}\n2,Bo,,,,,,,,\n")
    assert truth(folder).to_pylist() == [{"record_id": "loyalty:member:1", "person_id": "p1"}]
    assert all("p1" not in json.dumps(row) for row in rows(folder))


def test_no_truth_is_an_empty_table(tmp_path):
    entry = {key: value for key, value in PEOPLE.items() if key != "truth"}
    (tmp_path / "mapping.yml").write_text(yaml.safe_dump({"files": [entry]}))
    assert truth(tmp_path).num_rows == 0


def test_a_renamed_column_is_one_error_with_the_nearest_names(tmp_path):
    text = f"{HEADER}\n{ADA}\n".replace("email2", "email_2")
    with pytest.raises(SourceError) as caught:
        rows(folder_of(tmp_path, "members.csv", text))
    message = str(caught.value)
    assert message.startswith("files.members: members.csv (source 'loyalty') has no column 'email2'")
    assert "fields.emails" in message and "'email_2'" in message


def test_a_file_without_header_line_does_not_show_its_first_person(tmp_path):
    with pytest.raises(SourceError) as caught:
        rows(folder_of(tmp_path, "members.csv", "1,Ada,email@x.com,202 555 0100\n"))
    assert "email@x.com" not in str(caught.value) and "555" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("members.csv", b"", "it is empty"),
        ("members.csv", b"no,no,name\n", "two columns have the same name"),
        ("members.xlsx", b"PK", "'.xlsx' is no known kind of file"),
        ("members.parquet", b"PAR1 cut off", "cannot be read as parquet"),
        ("other.csv", b"x", r"no file in .* matches 'members\.\*'"),
    ],
)
def test_a_file_that_is_none_is_one_clear_error(name, content, said, tmp_path):
    with pytest.raises(SourceError, match=said):
        rows(folder_of(tmp_path, name, content))
