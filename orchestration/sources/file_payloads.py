"""The SQL that turns the text columns of a file into raw rows, whose payload is in canonical fields."""

from __future__ import annotations

from collections.abc import Iterable

from orchestration.sources.file_mapping import (
    CONSENTS,
    DATES,
    PEOPLE_LISTS,
    Columns,
    Constant,
    FileMapping,
    columns_of,
    prefixed,
)
from orchestration.sources.file_tables import ROW_NUMBER, quoted, quoted_text

_YES = ("true", "t", "yes", "y", "1", "granted", "opted in", "opt-in", "subscribed")
_NO = ("false", "f", "no", "n", "0", "denied", "opted out", "opt-out", "unsubscribed")


def raw_table_sql(entry: FileMapping, columns: list[str]) -> str:
    """The raw rows of the tables `rows` and `unread` of `file_tables.read`.

    Of rows with the same id, the last of the file is the record; the others are kept with an `ingest_error`, so that a
    key that is no key is seen. Exact repetitions count once.
    """
    told = [("stream", quoted_text(entry.stream)), ("source", quoted_text(entry.source)), ("line", _storable("line"))]
    return f"""
    with canonical as (
      select {ROW_NUMBER}, {_value(entry.id)} as native_id, {_payload(entry, columns)} as payload from rows
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
      from unread
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


def record_id_sql(entry: FileMapping) -> str:
    """The record id of a row of `rows`."""
    return f"{_prefix(entry)} || {_value(entry.id)}"


def _prefix(entry: FileMapping) -> str:
    return quoted_text(f"{entry.source}:{entry.entity}:")


def _payload(entry: FileMapping, columns: list[str]) -> str:
    members = [
        ("stream", quoted_text(entry.stream)),
        ("source", quoted_text(entry.source)),
        ("entity", quoted_text(entry.entity)),
        ("native_id", _value(entry.id)),
    ]
    if entry.kind == "interactions":
        person = quoted_text(f"{entry.person_source or entry.source}:{entry.person_entity}:")
        members.append(("interaction_id", record_id_sql(entry)))
        members.append(("record_id", f"{person} || {_value(entry.person or '')}"))
    members += [(name, _field(entry, name, written)) for name, written in entry.fields.items()]
    mapped = entry.columns()
    extra = [(name, _storable(quoted(name))) for name in columns if name not in mapped]
    if extra:
        members.append(("extra", _object(extra)))
    return f"{_object(members)}::varchar"


def _object(members: list[tuple[str, str]]) -> str:
    return "json_object(" + ", ".join(f"{quoted_text(name)}, {sql}" for name, sql in members) + ")"


def _field(entry: FileMapping, name: str, written: Columns) -> str:
    if isinstance(written, Constant):
        return f"[{quoted_text(written.value)}]" if name in PEOPLE_LISTS else quoted_text(written.value)
    if isinstance(written, dict):
        return _list(
            f"list_transform({_values(column)}, lambda one: {quoted_text(prefix + ':')} || one)"
            for prefix, column in prefixed(written)
        )
    if name in PEOPLE_LISTS:
        return _list(_values(column) for column in columns_of(written))
    value = _value(columns_of(written)[0])
    if name in CONSENTS:
        return f"""case
          when lower({value}) in {_YES} then to_json(true)
          when lower({value}) in {_NO} then to_json(false)
          else to_json({value})
        end"""
    if name in entry.formats:
        pattern = "%Y-%m-%d" if name in DATES else "%Y-%m-%dT%H:%M:%SZ"
        return f"coalesce(strftime(try_strptime({value}, {quoted_text(entry.formats[name])}), '{pattern}'), {value})"
    return value


def _list(lists: Iterable[str]) -> str:
    return f"list_filter(flatten([{', '.join(lists)}]), lambda one: nullif(trim(one), '') is not null)"


def _values(column: str) -> str:
    """A column's values: one, or those of a JSON list."""
    value = _value(column)
    listed = f"{value} like '[%' and json_valid({value})"
    return f"case when {listed} then json_extract_string({value}, '$[*]') else [{value}] end"


def _value(column: str) -> str:
    """A column's text; blank is nothing."""
    return f"nullif(trim({_storable(quoted(column))}), '')"


def _storable(text: str) -> str:
    """Text without the one character that Postgres cannot hold."""
    return f"replace({text}, chr(0), '')"
