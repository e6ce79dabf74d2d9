"""What is generated: models that dbt reads as they were meant, and no file that somebody wrote by hand is touched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from activation.audiences.generated import LIST_MACRO, MODELS, apply, changes, segment_call
from activation.audiences.problems import AudienceProblems
from activation.audiences.reading import check, files_of
from activation.audiences.seen_values import leaves, told_values
from activation.audiences.vocabulary import EVENT_KINDS, OPERATORS, VocabularyMissing, read_vocabulary
from tests.unit.activation.audiences.audience_words import declared

PROJECT = Path(__file__).parents[4] / "dbt_project"
RULE = {"all": [{"segment": "vip"}, {"trait": "language", "in": ["en", "fr"]}]}


def rendered(template: str, **names: Any) -> str:
    return jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False).from_string(template).render(**names)


def returned(macro: str, argument: str, **names: Any) -> Any:
    """What a macro of the dbt project hands to `return`."""
    found: list[Any] = []
    text = "\n".join(path.read_text() for path in sorted((PROJECT / "macros").glob("segment_*.sql")))
    body = text[text.index(f"{{% macro {macro}(") :]
    names |= {"return": lambda value: found.append(value) or "", "var": lambda _name, default: default}
    rendered(body[: body.index("endmacro") + len("endmacro %}")] + f"{{{{ {macro}({argument}) }}}}", **names)
    return found[0]


def test_building_twice_writes_once(tmp_path: Path) -> None:
    audiences = [declared(tmp_path, "fans", RULE)]
    found = changes(tmp_path, audiences)
    assert set(found.written) == {LIST_MACRO, MODELS / "seg_fans.sql", MODELS / "seg_fans.yml"}
    apply(tmp_path, found)
    assert not changes(tmp_path, audiences)


def test_a_changed_audience_changes_its_model_alone(tmp_path: Path) -> None:
    apply(tmp_path, changes(tmp_path, [declared(tmp_path, "fans", RULE), declared(tmp_path, "more", RULE)]))
    found = changes(tmp_path, [declared(tmp_path, "fans", {"segment": "vip"}), declared(tmp_path, "more", RULE)])
    assert (set(found.written), found.removed) == ({MODELS / "seg_fans.sql"}, ())


def test_a_model_whose_audience_is_gone_is_removed_and_one_by_hand_stays(tmp_path: Path) -> None:
    apply(tmp_path, changes(tmp_path, [declared(tmp_path, "fans", RULE)]))
    by_hand = tmp_path / MODELS / "seg_mine.sql"
    by_hand.write_text("select 1")
    found = changes(tmp_path, [])
    assert found.removed == (MODELS / "seg_fans.sql", MODELS / "seg_fans.yml")
    apply(tmp_path, found)
    assert by_hand.read_text() == "select 1"
    assert "return([])" in (tmp_path / LIST_MACRO).read_text()
    assert not changes(tmp_path, [])


def test_a_model_by_hand_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / MODELS).mkdir(parents=True)
    (tmp_path / MODELS / "seg_fans.sql").write_text("select 1")
    with pytest.raises(AudienceProblems, match="not written by"):
        changes(tmp_path, [declared(tmp_path, "fans", RULE)])


def test_the_properties_are_those_of_a_segment(tmp_path: Path) -> None:
    apply(tmp_path, changes(tmp_path, [declared(tmp_path, "fans", RULE, purpose="service")]))
    model = yaml.safe_load((tmp_path / MODELS / "seg_fans.yml").read_text())["models"][0]
    by_hand = yaml.safe_load((PROJECT / "models/segments/seg_vip.yml").read_text())["models"][0]
    assert set(by_hand["config"]["meta"]) <= set(model["config"]["meta"])
    assert model["config"]["meta"]["purpose"] == "service"
    assert [(c["name"], c["data_type"]) for c in model["columns"]] == [
        (c["name"], c["data_type"]) for c in by_hand["columns"]
    ]


_words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(
    st.recursive(st.booleans() | st.integers() | _words, lambda inner: st.lists(inner) | st.dictionaries(_words, inner))
)
def test_a_rule_reaches_the_macro_as_it_was_written(value: Any) -> None:
    seen: list[Any] = []
    rendered(segment_call({"trait": value}), segment=lambda rule: seen.append(rule) or "")
    assert seen == [{"trait": value}]


@pytest.mark.parametrize("kind", sorted(OPERATORS))
def test_the_operators_are_those_of_the_macro(kind: str) -> None:
    assert tuple(returned("segment_operators", f"'{kind}'")) == OPERATORS[kind]


def test_the_events_are_those_of_the_macro() -> None:
    assert tuple(returned("segment_event_kinds", "")) == EVENT_KINDS


def test_the_classes_of_types_are_those_of_the_macro() -> None:
    for name, column in read_vocabulary(PROJECT).traits.items():
        assert returned("segment_class", f"'{column.data_type}'") == column.kind, name


def test_the_words_of_the_project_are_documented() -> None:
    words = read_vocabulary(PROJECT)
    assert "customer_id" not in words.traits
    assert {"order_count", "lifetime_value", "last_order_at"} <= set(words.traits)
    assert [name for name, column in words.traits.items() if not column.description] == []
    assert {"file_drop", "zendesk"} <= words.destinations
    assert "vip" in words.segments


def test_a_project_without_the_documented_words_is_named(tmp_path: Path) -> None:
    with pytest.raises(VocabularyMissing, match=r"customer_features\.yml"):
        read_vocabulary(tmp_path)


def test_a_birthday_is_not_shown(tmp_path: Path) -> None:
    rule = {"all": [{"trait": "birth_date", "known": True}, {"not": {"trait": "language", "is": "en"}}]}
    reason = {"conditions": [{"condition": "birthday: known", "seen": "1990-05-01"}, {"condition": "en", "seen": "fr"}]}
    assert told_values(rule, reason) == ["birthday: known (known, not shown)", "en (fr)"]
    assert [leaf["trait"] for leaf in leaves(rule)] == ["birth_date", "language"]


def test_conditions_that_do_not_match_the_rule_are_all_masked() -> None:
    reason = {"conditions": [{"condition": "a", "seen": "1990-05-01"}, {"condition": "b", "seen": "x"}]}
    assert told_values({"trait": "order_count", "is": 1}, reason) == ["a (known, not shown)", "b (known, not shown)"]


def test_the_committed_models_are_those_of_the_committed_audiences() -> None:
    audiences = check(files_of(PROJECT / "audiences"), read_vocabulary(PROJECT))
    assert {"game_fans_gone_quiet", "valued_and_waiting"} <= {declared.name for declared in audiences}
    found = changes(PROJECT, audiences)
    assert (found.written, found.removed) == ({}, ()), "`braid audiences build`, and commit what it writes"
