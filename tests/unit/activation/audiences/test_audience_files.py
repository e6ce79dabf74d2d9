"""The file around the rule: its fields, its name, its lines, and what no template may hide in."""

from __future__ import annotations

from pathlib import Path

import pytest

from activation.audiences.located_yaml import NotYaml, read_located
from activation.audiences.problems import AudienceProblems
from activation.audiences.reading import check, files_of
from tests.unit.activation.audiences.audience_words import HEAD, WORDS, problems, problems_of, write

RULE = {"segment": "vip"}


@pytest.mark.parametrize(
    ("fields", "place", "words"),
    [
        ({"purpose": "advert"}, "purpose", "'marketing', 'service' or 'suppression'"),
        ({"label": "  "}, "label", "at least 1 character"),
        ({"owner": 7}, "owner", "valid string"),
        ({"destinations": []}, "destinations", "at least 1 item"),
        ({"destinations": ["filedrop"]}, "destinations[1]", "did you mean file_drop?"),
        ({"minimum_link_strength": 1.5}, "minimum_link_strength", "less than or equal to 1"),
        ({"colour": "red"}, "colour", "there is no field colour"),
        ({"descripton": "Hello."}, "descripton", "did you mean description?"),
        ({"description": "{{ env_var('SECRET') }}"}, "description", "begin a template"),
    ],
)
def test_a_field_that_is_wrong_is_named_with_its_line(
    fields: dict[str, object], place: str, words: str, tmp_path: Path
) -> None:
    found = problems(tmp_path, RULE, **fields)
    assert [problem.path for problem in found] == [place]
    assert words in found[0].message
    line = (tmp_path / "fans.yml").read_text().splitlines()[(found[0].line or 0) - 1]
    assert line.startswith((f"{place.partition('[')[0]}:", "-"))


def test_a_template_hidden_in_a_rule_is_refused(tmp_path: Path) -> None:
    found = problems(tmp_path, {"trait": "language", "in": ["en", "{% do run_query('drop') %}"]})
    assert [problem.path for problem in found] == ["where.in[2]"]


def test_every_problem_is_told_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    found = problems(tmp_path, {"all": [{"segment": "vipp"}, {"trait": "nothing", "is": 1}]}, owner="", purpose="x")
    assert [problem.path for problem in found] == ["owner", "purpose", "where.all[1].segment", "where.all[2].trait"]
    assert [problem.line for problem in found] == sorted(problem.line or 0 for problem in found)


def test_a_missing_field_is_missed(tmp_path: Path) -> None:
    path = tmp_path / "fans.yml"
    path.write_text("label: Fans\n")
    assert {problem.path for problem in problems_of([path])} == {*HEAD, "where"} - {"label"}


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        ("label: [", "no YAML", 1),
        ("label: x\nlabel: y\n", "label is said twice", 2),
        ("", "an audience is a mapping", 1),
        ("- a list", "an audience is a mapping", 1),
        ("a: 1\n---\nb: 2\n", "no YAML", 2),
        ("a: &x\n  b: *x\n", "refers to itself", 1),
        ("a: !!python/object:os.system x", "no YAML", 1),
    ],
)
def test_text_that_is_no_audience(text: str, words: str, line: int, tmp_path: Path) -> None:
    path = tmp_path / "fans.yml"
    path.write_text(text)
    found = problems_of([path])
    assert len(found) == 1
    assert words in found[0].message
    assert found[0].line == line


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "fans.yml"
    path.write_bytes(b"\xff\xfe\x00")
    assert "UTF-8" in problems_of([path])[0].message


@pytest.mark.parametrize("name", ["Fans", "1fans", "big-fans", "a" * 41, "vip"])
def test_a_name_that_cannot_be_one(name: str, tmp_path: Path) -> None:
    assert len(problems_of([write(tmp_path, name, RULE)])) == 1


def test_two_files_of_one_name(tmp_path: Path) -> None:
    first = write(tmp_path, "fans", RULE)
    second = tmp_path / "fans.yaml"
    second.write_text(first.read_text())
    assert "same name" in problems_of([first, second])[0].message


def test_audiences_may_name_each_other_and_a_draft_may_name_those_beside_it(tmp_path: Path) -> None:
    one, two = write(tmp_path, "one", {"segment": "two"}), write(tmp_path, "two", RULE)
    assert [audience.reads for audience in check([one, two], WORDS)] == [frozenset({"two"}), frozenset({"vip"})]
    assert len(check([one], WORDS, beside=["two"])) == 1
    with pytest.raises(AudienceProblems):
        check([one], WORDS)


def test_an_empty_or_missing_folder_has_no_files(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("no audience")
    (tmp_path / ".hidden.yml").write_text("no audience")
    assert files_of(tmp_path) == files_of(tmp_path / "missing") == []


def test_a_date_without_quotes_stays_what_was_written() -> None:
    assert read_located("before: 2026-01-31").value == {"before": "2026-01-31"}


def test_a_merge_key_is_followed_and_a_broken_one_is_told() -> None:
    assert read_located("a: &a {x: 1}\nb:\n  <<: *a\n  y: 2\n").value["b"] == {"x": 1, "y": 2}
    with pytest.raises(NotYaml):
        read_located("a: *nothing")
