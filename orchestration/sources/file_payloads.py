"""The SQL that turns the text columns of a file into raw rows, whose payload is in canonical fields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from orchestration.sources.file_fields import CONSENTS, DATES, EPOCHS, LISTS
from orchestration.sources.file_mapping import FileMapping
from orchestration.sources.file_sql import (
    POSITION,
    Expressions,
    pairs_column,
    pairs_of,
    quoted,
    quoted_text,
    storable,
)
from orchestration.sources.file_tables import ROW_NUMBER
from orchestration.sources.file_values import Tagged, locate

_YES = ("true", "t", "yes", "y", "1", "granted", "opted in", "opt-in", "subscribed")
_NO = ("false", "f", "no", "n", "0", "denied", "opted out", "opt-out", "unsubscribed")


def raw_table_sql(entry: FileMapping, columns: Sequence[str], *, unread: bool = True) -> str:
    """The raw rows of the tables `rows` and `unread` of `file_tables.read`.

    Of rows with the same id, the last of the file is the record; the others are kept with an `ingest_error`, so that a
    key that is no key is seen. Exact repetitions count once.

    Args:
        entry: of the mapping.
        columns: of the file.
        unread: whether to add the lines that are no rows; of several entries for one file, one does.
    """
    seen = seen_columns(entry, columns)
    values = Expressions(seen)
    told = [("stream", quoted_text(entry.stream)), ("source", quoted_text(entry.source)), ("line", storable("line"))]
    ids = values.value(entry.id)
    return f"""
    with picked as (
      select *{_pairs(entry, seen)} from ({_exploded(entry, values, columns)})
    ),
    canonical as (
      select {ROW_NUMBER}, {ids} as native_id, {_payload(entry, values, columns)} as payload from picked
    ),
    told_apart as (
      select
        native_id,
        payload,
        row_number() over (partition by native_id order by max({ROW_NUMBER}) desc) as age,
        max({ROW_NUMBER}) as {ROW_NUMBER}
      from canonical group by native_id, payload
    ),
    judged as (
      select
        {ROW_NUMBER},
        native_id,
        payload,
        case
          when native_id is null then 'no id'
          when age > 1 then 'a later row of the file has the same id'
        end as ingest_error
      from told_apart
    ),
    unreadable as (
      select
        {_object(told)}::varchar as payload,
        reason
      from unread where {"true" if unread else "false"}
    )
    select
      case ingest_error
        when 'no id' then 'missing:' || sha256(payload)
        when 'a later row of the file has the same id' then 'repeated:' || sha256(payload)
        else {_prefix(entry)} || native_id
      end as record_key,
      native_id,
      null::varchar as cursor_value,
      payload,
      ingest_error
    from judged
    union all
    select distinct 'missing:' || sha256(payload), null, null, payload, reason from unreadable
    """


def seen_columns(entry: FileMapping, columns: Sequence[str]) -> tuple[str, ...]:
    """The columns as an entry sees them: with the place in the list that it explodes."""
    return (*columns, entry.explode + POSITION) if entry.explode else tuple(columns)


def record_id_sql(entry: FileMapping, columns: Sequence[str]) -> str:
    """The record id of a row of `rows`."""
    return f"{_prefix(entry)} || {Expressions(columns).value(entry.id)}"


def taken_sql(entry: FileMapping, columns: Sequence[str]) -> str:
    """Whether an entry takes a row of `rows`."""
    return Expressions(columns).tests(entry.tests)


def _prefix(entry: FileMapping) -> str:
    return quoted_text(f"{entry.source}:{entry.entity}:")


def _exploded(entry: FileMapping, values: Expressions, columns: Sequence[str]) -> str:
    """The rows that the entry takes, one for each element of the list that it explodes; none is one too."""
    rows = f"select * from rows where {values.tests(entry.tests)}"
    if not entry.explode:
        return rows
    path = locate(entry.explode, columns)
    if path is None:
        return f"select *, null::bigint as {quoted(entry.explode + POSITION)} from ({rows})"
    name = quoted(path.column)
    elements = f"coalesce(nullif(try(json_extract({name}, '$[*]')), []), [null])"
    return f"""
      select * exclude ({name}, elements, place), elements[place]::varchar as {name},
        case when elements[place] is not null then place end::varchar as {quoted(path.column + POSITION)}
      from (
        select *, unnest(range(1, len(elements) + 1)) as place
        from (select *, {elements} as elements from ({rows}))
      )"""


def _pairs(entry: FileMapping, columns: Sequence[str]) -> str:
    paths = (path for name in entry.columns() if (path := locate(name, columns)) and path.key is not None)
    lists = {pairs_column(path): pairs_of(path) for path in paths}
    return "".join(f", {found} as {name}" for name, found in lists.items())


def _payload(entry: FileMapping, values: Expressions, columns: Sequence[str]) -> str:
    members = [
        ("stream", quoted_text(entry.stream)),
        ("source", quoted_text(entry.source)),
        ("entity", quoted_text(entry.entity)),
        ("native_id", values.value(entry.id)),
    ]
    if entry.kind == "interactions":
        person = quoted_text(f"{entry.person_source or entry.source}:{entry.person_entity}:")
        members.append(("interaction_id", f"{_prefix(entry)} || {values.value(entry.id)}"))
        members.append(("record_id", f"{person} || {values.value(entry.person)}"))
        if entry.person_is == "device":
            members.append(("is_device", "to_json(true)"))
    members += [(name, _field(entry, values, name, filled)) for name, filled in entry.fields.items()]
    if entry.rest == "keep":
        # A column that is read in part is kept whole.
        mapped = entry.columns().keys() - ({entry.explode} if entry.explode else set())
        extra = [(name, storable(quoted(name))) for name in columns if name not in mapped]
        if extra:
            members.append(("extra", _object(extra)))
    return f"{_object(members)}::varchar"


def _object(members: list[tuple[str, str]]) -> str:
    return "json_object(" + ", ".join(f"{quoted_text(name)}, {sql}" for name, sql in members) + ")"


def _field(entry: FileMapping, values: Expressions, name: str, filled: Any) -> str:
    if name in LISTS:
        return _list(values.tagged(one) if isinstance(one, Tagged) else values.values(one) for one in filled)
    value = values.value(filled)
    if name in CONSENTS:
        return f"""case
          when lower({value}) in {_YES} then to_json(true)
          when lower({value}) in {_NO} then to_json(false)
          else to_json({value})
        end"""
    if name in entry.formats:
        return f"coalesce({_moment(value, name, entry.formats[name])}, {value})"
    return value


def _moment(value: str, name: str, pattern: str) -> str:
    """A date or a time in ISO 8601, of text in a format or a number; null when it is neither."""
    if pattern in EPOCHS:
        micros = f"cast(round(try_cast({value} as decimal(30, 6)) * {EPOCHS[pattern]}) as bigint)"
        return f"strftime(try(make_timestamp({micros})), '%Y-%m-%dT%H:%M:%S.%fZ')"
    iso = "%Y-%m-%d" if name in DATES else "%Y-%m-%dT%H:%M:%SZ"
    return f"strftime(try_strptime({value}, {quoted_text(pattern)}), '{iso}')"


def _list(lists: Iterable[str]) -> str:
    return f"list_filter(flatten([{', '.join(lists)}]), lambda one: nullif(trim(one), '') is not null)"
