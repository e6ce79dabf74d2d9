"""Whether blocking ever brought two records together: each rule's key on both sides, what is missing or crowded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp

from identity.blocking import build_blocks, rule_number
from identity.blocking_rules import EVERY_RULE, BlockingRule
from identity.feature_worker import build_features
from identity.prepare import load_features
from identity.why.case import Case, pair_of

State = Literal["equal", "different", "missing", "crowded", "unsought"]

_WORDS: Final = {
    "links": "id in another system",
    "every_email": "usable e-mail address",
    "every_phone": "usable phone number",
    "handles": "account",
    "aliases": "user name",
    "name_keys": "given and family name",
    "initial_keys": "given and family name",
    "given": "given name",
    "family": "family name",
    "birth_date": "birth date",
    "postcode": "postcode",
    "street": "street",
    "house_number": "house number",
    "city": "city",
    "birth_place": "place of birth",
    "email_local": "usable e-mail address",
}
# Rules whose key is one identifier: how many records carry a value is known from the table of identifiers.
_IDENTIFIERS: Final = {"same_email": "every_email", "same_phone": "every_phone", "same_account": "handles"}
_NAMELESS: Final = "a record that has a user name and no family name"
_SEEKERS: Final = {
    "user_name_and_name": _NAMELESS,
    "user_names_begin_alike": _NAMELESS,
    "mentioned_identifier": "a record whose person wrote it in a message",
}
_BOTH: Final = "both records"


@dataclass(frozen=True)
class RuleView:
    """One blocking rule and a pair: `missing` says what each side lacks; `carriers` how many records share the key."""

    rule: str
    state: State
    missing: tuple[str, ...] = ()
    carriers: int | None = None

    @property
    def name(self) -> str:
        """The rule's name for people."""
        return self.rule.replace("_", " ").replace("email", "e-mail")

    @property
    def words(self) -> str:
        """The rule and its state in words."""
        name = self.name
        if self.state == "missing":
            return f"{name}: no key, missing {'; '.join(self.missing)}"
        if self.state == "crowded":
            return f"{name}: the key is equal, but {self.carriers:,} records share it, too many to compare"
        if self.state == "unsought":
            return f"{name}: the key is equal, but it counts only for {_SEEKERS[self.rule]}"
        return f"{name}: the key is {self.state}"


@dataclass(frozen=True)
class BlockingView:
    """Whether a run compared the pair, why or why not in words, and what each rule in use sees."""

    compared: bool
    words: str
    rules: tuple[RuleView, ...]


def explain_blocking(case: Case, a: str, b: str, weight: float) -> BlockingView:
    """What blocking did with a pair of records that weighs `weight` bits."""
    views = _rule_views(case, a, b)
    equal = [view for view in views if view.state == "equal"]
    crowded = [view for view in views if view.state == "crowded"]
    if pair_of(a, b) in case.stored:
        words = (
            f"compared: brought together by {_names(equal)}"
            if equal
            else "compared: no rule brought them together, but likely pairs with other records connect them"
        )
        return BlockingView(True, words, views)
    if not equal and not crowded:
        return BlockingView(False, "never compared: no blocking rule finds an equal key on both records", views)
    if not equal:
        words = f"never compared: too many records share the key of {_names(crowded)}, and no other rule finds them"
        return BlockingView(False, words, views)
    if weight >= case.frozen.settings.kept_edges_from:
        words = (
            f"not compared by the last run, although {_names(equal)} would bring them together: too many "
            "records share the key, or a record has changed since"
        )
        return BlockingView(False, words, views)
    return BlockingView(True, f"compared through {_names(equal)}, and found too far apart to be kept", views)


def _names(views: list[RuleView]) -> str:
    return ", ".join(view.name for view in views)


def _rule_views(case: Case, a: str, b: str) -> tuple[RuleView, ...]:
    rules = [rule for rule in EVERY_RULE if rule.name in case.largest_blocks]
    records = pa.concat_tables([case.row(a), case.row(b)])
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        load_features(connection, build_features(records, case.frozen.settings.default_region).table)
        build_blocks(connection, rules, features="features", blocks="blocks")
        features = connection.sql("select * from features order by rid").to_arrow_table().to_pylist()
        keys = connection.sql("select rule, rid, key, seeks from blocks").to_arrow_table().to_pylist()
    crowds = _crowds(case)
    views = []
    for rule in rules:
        own = [row for row in keys if row["rule"] == rule_number(rule)]
        sides = [{row["key"]: row["seeks"] for row in own if row["rid"] == side["rid"]} for side in features]
        views.append(_view(rule, features, sides, case.largest_blocks[rule.name], crowds))
    return tuple(views)


def _crowds(case: Case) -> dict[tuple[str, str], int]:
    if case.carriers is None:
        return {}
    columns = (case.carriers[name].to_pylist() for name in ("kind", "value", "records"))
    return {(kind, value): records for kind, value, records in zip(*columns, strict=True)}


def _view(
    rule: BlockingRule,
    features: list[dict[str, Any]],
    sides: list[dict[int, bool]],
    largest_block: int,
    crowds: dict[tuple[str, str], int],
) -> RuleView:
    one, other = sides
    lacking = [place for place, found in enumerate(sides) if not found]
    if lacking:
        return RuleView(rule.name, "missing", missing=_missing(rule, features, lacking))
    common = one.keys() & other.keys()
    if not common:
        return RuleView(rule.name, "different")
    if not any(one[key] or other[key] for key in common):
        return RuleView(rule.name, "unsought")
    counts = _carriers(rule, features, crowds)
    if counts:
        return RuleView(rule.name, "crowded" if min(counts) > largest_block else "equal", carriers=min(counts))
    return RuleView(rule.name, "equal")


def _carriers(rule: BlockingRule, features: list[dict[str, Any]], crowds: dict[tuple[str, str], int]) -> list[int]:
    """How many records carry the identifiers in common; empty where the rule is of other values, or unknown."""
    column = _IDENTIFIERS.get(rule.name)
    if column is None:
        return []
    common = set(features[0][column] or []) & set(features[1][column] or [])
    keys = [_identifier(rule.name, value) for value in common]
    return [crowds[key] for key in keys if key in crowds] if all(key in crowds for key in keys) else []


def _identifier(rule: str, value: str) -> tuple[str, str]:
    platform, _, name = value.partition(":")
    return (platform, name) if rule == "same_account" else (rule.removeprefix("same_"), value)


def _missing(rule: BlockingRule, features: list[dict[str, Any]], lacking: list[int]) -> tuple[str, ...]:
    """What is not there, on which side: "birth date (first record)"."""
    sides = ("first record", "second record")
    by_side = {sides[side]: _absent(rule, features[side]) for side in lacking}
    everywhere = [word for word in by_side[sides[lacking[0]]] if len(lacking) == 2 and word in by_side[sides[1]]]
    said = [f"{word} ({_BOTH})" for word in everywhere]
    said += [f"{word} ({side})" for side, words in by_side.items() for word in words if word not in everywhere]
    return tuple(said)


def _absent(rule: BlockingRule, row: dict[str, Any]) -> list[str]:
    """The inputs without which the key is null; one that another may stand in for counts when all of them are null."""
    columns = list(sqlglot.parse_one(rule.key, read="duckdb").find_all(exp.Column))
    read = [column for column in columns if column.name in row]
    empty = [column for column in read if _is_empty(row[column.name]) and not _stood_in_for(column, row)]
    words = [_WORDS.get(column.name, column.name.replace("_", " ")) for column in empty]
    if not words:
        words = [f"a longer {_WORDS.get(column.name, column.name)}" for column in read]
    return list(dict.fromkeys(words))


def _is_empty(value: Any) -> bool:
    return value is None or value == []


def _stood_in_for(column: exp.Column, row: dict[str, Any]) -> bool:
    alternatives = column.find_ancestor(exp.Coalesce)
    if alternatives is None:
        return False
    return any(not _is_empty(row.get(other.name)) for other in alternatives.find_all(exp.Column))
