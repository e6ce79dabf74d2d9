"""A line `use:` of a mapping: the entries of a ready mapping, with what the line says instead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestration.sources.errors import SourceError
from orchestration.sources.file_mapping import FileMapping, read_mapping
from orchestration.sources.file_ready import ready_mappings

ALL = ["amazon", "contact_centre", "ga4", "gladly", "loyalty", "sprout", "survey"]
DOCUMENTED = Path(__file__).parents[3] / "docs" / "mappings.md"


def entries(folder: Path, *lines: dict[str, Any]) -> list[FileMapping]:
    (folder / "mapping.yml").write_text(yaml.safe_dump({"files": list(lines)}))
    return read_mapping(folder).files


def test_every_ready_mapping_is_valid_and_documented(tmp_path: Path) -> None:
    assert ready_mappings() == ALL
    told = DOCUMENTED.read_text()
    for name in ALL:
        found = entries(tmp_path, {"use": name})
        assert found and {entry.source for entry in found} == {name}
        for column in (column for entry in found for column in entry.columns()):
            head = column.split("[")[0].split(".")[0].removesuffix("#")
            assert f"`{head}`" in told, f"docs/mappings.md says nothing of {name}'s column {head}"


def test_what_the_line_says_comes_first(tmp_path: Path) -> None:
    change = {"points": {"fields": {"subject": "note", "channel": None}, "person_source": "club"}}
    line = {"use": "loyalty", "source": "club", "glob": {"members": "m.csv"}, "change": change}
    members, points = entries(tmp_path, line)
    assert (members.source, members.glob, points.glob) == ("club", "m.csv", "loyalty/points*.csv")
    assert points.person_source == "club" and "channel" not in points.fields and "quantity" in points.fields
    (only,) = entries(tmp_path, {"use": "loyalty", "only": ["members"], "glob": "all/*.csv"})
    assert (only.stream, only.glob) == ("members", "all/*.csv")
    (survey,) = entries(tmp_path, {"use": "survey", "glob": "answers.csv", "delimiter": ";"})
    assert (survey.glob, survey.delimiter) == ("answers.csv", ";")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            {"use": "loyalty", "glob": "x.csv"},
            "files.0.glob: 'loyalty' reads several files; write one by stream, members:",
        ),
        (
            {"use": "loyalty", "only": ["member"]},
            "files.0.only.member: no stream of this mapping; did you mean 'members'?",
        ),
        ({"use": "loyalty", "change": ["points"]}, None),
        ({"use": "loyalty", "chnge": {}}, "files.0.chnge: unknown key beside use; did you mean 'change'?"),
        (
            {"use": "loyalty", "change": {"points": {"fields": {"subjet": "a"}}}},
            "files.0 (loyalty, stream points): fields.subjet: not a field of interactions; did you mean 'subject'?",
        ),
        (
            {"use": "loyalty", "source": "shopify"},
            "files.0 (loyalty, stream members).source: 'shopify' is the name of a",
        ),
    ],
)
def test_mistakes_are_named(tmp_path: Path, line: dict[str, Any], said: str | None) -> None:
    with pytest.raises(SourceError) as caught:
        entries(tmp_path, line)
    assert (said or "files.0.change") in str(caught.value)
