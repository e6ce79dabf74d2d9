"""Whether a rule is well formed: the same grammar as the macro `segment`, told with places and nearest words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from activation.audiences.problems import Path, nearest
from activation.audiences.values import contradiction, value_problem
from activation.audiences.vocabulary import OPERATORS, Column, Vocabulary

Found = Iterator[tuple[Path, str]]
_KINDS: Final = ("all", "any", "not", "trait", "segment", "event")
_EVENT_WORDS: Final = ("event", "where", "within_days", "older_than_days", "unless_bought", "label")
_DEEPEST: Final = 20


@dataclass(frozen=True)
class RuleCheck:
    """Checks rules of the audience `own` against the words there are; `segments` are all that exist, audiences too."""

    vocabulary: Vocabulary
    segments: frozenset[str]
    own: str

    def problems(self, rule: object, path: Path = ("where",)) -> Found:
        """Each thing that is wrong with a rule, by its place."""
        if len(path) > 2 * _DEEPEST:
            yield path, f"conditions are nested more than {_DEEPEST} deep; make a part of it an audience of its own"
            return
        if not isinstance(rule, dict):
            yield path, "a condition is a mapping, such as {trait: order_count, at_least: 3}"
            return
        kinds = [kind for kind in _KINDS if kind in rule]
        if len(kinds) != 1:
            said = f"this one has {' and '.join(kinds)}" if kinds else _said_instead(rule)
            yield path, f"a condition has exactly one of {', '.join(_KINDS)}; {said}"
            return
        if "label" in rule and not (isinstance(rule["label"], str) and rule["label"].strip()):
            yield (*path, "label"), "a label is words"
        checks: dict[str, Callable[[dict[str, Any], Path], Found]] = {
            "trait": self._trait,
            "event": self._event,
            "segment": self._segment,
            "not": self._not,
        }
        yield from checks.get(kinds[0], self._group)(rule, path)

    def _group(self, rule: dict[str, Any], path: Path) -> Found:
        kind = "all" if "all" in rule else "any"
        yield from _alone(rule, kind, path)
        children = rule[kind]
        if not isinstance(children, list) or not children:
            yield (*path, kind), f"{kind} takes a list of conditions, at least one"
            return
        found = False
        for place, child in enumerate(children):
            for problem in self.problems(child, (*path, kind, place)):
                found = True
                yield problem
        if kind == "all" and not found:
            yield from _never(children, (*path, kind))

    def _not(self, rule: dict[str, Any], path: Path) -> Found:
        yield from _alone(rule, "not", path)
        yield from self.problems(rule["not"], (*path, "not"))

    def _segment(self, rule: dict[str, Any], path: Path) -> Found:
        yield from _alone(rule, "segment", path)
        name = rule["segment"]
        if name == self.own:
            yield (*path, "segment"), "an audience cannot name itself"
        elif not isinstance(name, str) or name not in self.segments:
            yield (*path, "segment"), f"there is no segment {name}{nearest(name, self.segments)}"

    def _trait(self, rule: dict[str, Any], path: Path) -> Found:
        name = rule["trait"]
        column = self.vocabulary.traits.get(name) if isinstance(name, str) else None
        if column is None:
            hint = nearest(name, self.vocabulary.traits) or "; `braid audiences traits` lists them"
            yield (*path, "trait"), f"there is no trait {name}{hint}"
            return
        yield from _comparison(column.name, column.kind, rule, ("trait", "label"), path)

    def _event(self, rule: dict[str, Any], path: Path) -> Found:
        name = rule["event"]
        columns = self.vocabulary.events.get(name) if isinstance(name, str) else None
        if columns is None:
            yield (*path, "event"), f"there is no event {name}{nearest(name, self.vocabulary.events, many=30)}"
            return
        wanted = rule.get("where", {})
        if not isinstance(wanted, dict) or ("where" in rule and not wanted):
            yield (*path, "where"), "where takes a mapping, such as {category: Games}"
            wanted = {}
        for word, value in wanted.items():
            yield from _about(columns, name, word, value, (*path, "where", word))
        window = {word: rule[word] for word in ("within_days", "older_than_days") if word in rule}
        said = [
            ((*path, word), f"{word} takes {problem}")
            for word, value in window.items()
            if (problem := value_problem("time", word, value))
        ]
        yield from said
        if not said and (never := contradiction([window])):
            yield path, never
        if "unless_bought" in rule and (
            rule["unless_bought"] not in ("product_id", "category") or rule["unless_bought"] not in columns
        ):
            yield (*path, "unless_bought"), "unless_bought takes product_id or category, of an event that has one"
        yield from _times(rule, path)


def _said_instead(rule: dict[str, Any]) -> str:
    for word in rule:
        if hint := nearest(word, _KINDS, many=0):
            return f"this one has {word}{hint}"
    return f"this one has {', '.join(map(str, rule))}" if rule else "this one is empty"


def _alone(rule: dict[str, Any], kind: str, path: Path) -> Found:
    for word in rule:
        if word not in (kind, "label"):
            yield (*path, str(word)), f"{word} does not go with {kind}"


def _about(columns: Mapping[str, Column], event: str, word: object, value: object, path: Path) -> Found:
    column = columns.get(word) if isinstance(word, str) else None
    if column is None:
        yield path, f"there is no column {word} of {event}{nearest(word, columns, many=40)}"
    elif isinstance(value, dict):
        yield from _comparison(column.name, column.kind, value, (), path)
    else:
        simple = "includes" if column.kind == "list" else "in" if isinstance(value, list) else "is"
        if simple not in OPERATORS[column.kind]:
            yield path, f"{word} is a {column.kind}: say how to compare it, such as {{{OPERATORS[column.kind][0]}: …}}"
        elif problem := value_problem(column.kind, simple, value):
            yield path, f"{word} is a {column.kind} and takes {problem}"


def _times(rule: dict[str, Any], path: Path) -> Found:
    counted = {word: value for word, value in rule.items() if word not in _EVENT_WORDS}
    if not counted:
        return
    said = list(_comparison("the number of events", "number", counted, (), path))
    yield from said
    if said:
        return
    operator, value = next(iter(counted.items()))
    if operator in ("at_least", "above") and value < (1 if operator == "at_least" else 0):
        yield (*path, str(operator)), "every customer has that many: this condition leaves nobody out"
    if (operator == "below" and value <= 0) or (operator in ("at_most", "is") and value < 0):
        yield (*path, str(operator)), "nobody has fewer than no events"
    if operator == "known":
        yield (*path, "known"), "a number of events is always known; use at_least: 1 or is: 0"


def _comparison(name: str, kind: str, rule: dict[str, Any], others: tuple[str, ...], path: Path) -> Found:
    """Exactly one operator that suits the type, with a value that it takes."""
    operators = OPERATORS[kind]
    given = [word for word in rule if word not in others]
    wrong = [word for word in given if word not in operators]
    for word in wrong:
        hint = nearest(word, operators)
        yield (*path, str(word)), f"{name} is a {kind}, for which there is no {word}{hint}"
    if wrong:
        return
    if len(given) != 1:
        said = f"it has {' and '.join(given)}" if given else "it has none"
        yield path, f"{name} needs exactly one of {', '.join(operators)}; {said}"
    elif problem := value_problem(kind, given[0], rule[given[0]]):
        yield (*path, given[0]), f"{given[0]} takes {problem}"


def _never(children: list[dict[str, Any]], path: Path) -> Found:
    by_trait: dict[str, list[dict[str, Any]]] = {}
    for child in children:
        if "trait" in child:
            by_trait.setdefault(child["trait"], []).append(child)
    for trait, conditions in by_trait.items():
        if never := contradiction(list(conditions)):
            yield path, f"{trait}: {never}, so nobody would be in it"
