"""Every mistake in a mapping is answered with its place and the nearest valid word."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from orchestration.sources.errors import SourceError
from orchestration.sources.file_mapping import read_mapping

ENTRY = {
    "glob": "members*.csv",
    "stream": "members",
    "source": "loyalty",
    "entity": "member",
    "kind": "people",
    "id": "no",
    "fields": {"emails": ["email"], "birth_date": "dob"},
}


def written(folder: Path, *entries: dict) -> Path:
    (folder / "mapping.yml").write_text(yaml.safe_dump({"files": list(entries)}))
    return folder


def refusal(folder: Path, **changes) -> str:
    entry = {key: value for key, value in (ENTRY | changes).items() if value is not None}
    with pytest.raises(SourceError) as caught:
        read_mapping(written(folder, entry))
    return str(caught.value)


def test_a_mapping_is_read(tmp_path):
    (entry,) = read_mapping(written(tmp_path, ENTRY)).files
    assert entry.columns() == {"no": "id", "email": "fields.emails", "dob": "fields.birth_date"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"globb": "x"}, "files.0.globb: unknown key; did you mean 'glob'?"),
        ({"id": None}, "files.0.id: missing"),
        ({"kind": "person"}, "files.0.kind: Input should be 'people' or 'interactions'"),
        ({"fields": {"emial": "email"}}, "fields.emial: not a field of people; did you mean 'emails'?"),
        ({"fields": {"postcode": ["a", "b"]}}, "fields.postcode: has one value"),
        ({"fields": {"handles": "insta"}}, "fields.handles: write columns by platform"),
        ({"fields": {"emails": {"home": "email"}}}, "fields.emails: give one column, or a list"),
        ({"fields": {"emails": 5}}, "fields.emails: give a column, {value: ...}"),
        ({"formats": {"emails": "%d"}}, "formats.emails: formats are for"),
        ({"glob": "../../etc/*.csv"}, "must stay inside the folder"),
        ({"source": "shopify"}, "is the name of a source of Braid"),
        ({"source": "My Till"}, "files.0.source: String should match pattern"),
        ({"person": "who"}, "only interactions name a person"),
        ({"kind": "interactions", "fields": {"subject": "s"}}, "person, person_entity: say which column"),
    ],
)
def test_a_mistake_is_named(changes, said, tmp_path):
    message = refusal(tmp_path, **changes)
    assert said in message
    assert "docs/bring-your-own-file.md" in message


def test_no_mapping(tmp_path):
    with pytest.raises(SourceError, match=r"there is no mapping\.yml"):
        read_mapping(tmp_path)


def test_no_yaml(tmp_path):
    (tmp_path / "mapping.yml").write_text("files: [\n  glob: x")
    with pytest.raises(SourceError, match="is no YAML at line"):
        read_mapping(tmp_path)


@pytest.mark.parametrize("text", ["", "files: []", "- glob: x", "files: text"])
def test_an_empty_or_shapeless_mapping(text, tmp_path):
    (tmp_path / "mapping.yml").write_text(text)
    with pytest.raises(SourceError, match=r"mapping\.yml"):
        read_mapping(tmp_path)


def test_the_example_of_the_documentation_is_valid():
    folder = Path(__file__).parents[3] / "docs" / "examples" / "historical_50k"
    (entry,) = read_mapping(folder).files
    assert entry.truth == "cluster"
