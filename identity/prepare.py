"""Features in DuckDB: the table `features`, with the columns that comparisons derive from several others."""

from __future__ import annotations

from typing import Final

import duckdb
import pyarrow as pa

from identity.shared_identifiers import learn_shared

# Compact forms that people make user names and e-mail names of; too short ones say nothing.
_NAME_KEYS: Final = "list_filter([replace({}, ' ', ''), replace({}, ' ', '')], lambda key: length(key) > 4)"
_WHOLE: Final = _NAME_KEYS.format("given || family", "family || given")
_INITIAL: Final = _NAME_KEYS.format("left(given, 1) || family", "given || left(family, 1)")
_STEM: Final = "regexp_replace(split_part({}, ':', -1), '[^a-z]', '', 'g')"


def load_features(connection: duckdb.DuckDBPyConnection, features: pa.Table) -> None:
    """Create the table `features` from the features of `features.py`."""
    connection.register("standardised", features)
    connection.execute(f"""
        create or replace temp table features as
        select rid, record_id, source, given, given_all, given_forms, given_skeleton,
            family, family_forms, family_skeleton, is_transcribed, emails as every_email, phones as every_phone,
            handles, birth_date, street, house_number, postcode, city, birth_place, occupation, external_ids, countries,
            list_transform(handles, lambda h: split_part(h, ':', 1)) as platforms,
            nullif(list_filter(list_distinct(list_concat(
                list_transform(handles, lambda h: {_STEM.format("h")}),
                list_transform(emails, lambda e: {_STEM.format("split_part(e, '@', 1)")})
            )), lambda s: length(s) > 4), []) as aliases,
            array_to_string(aliases, ' ') as alias_text, aliases[1] as alias,
            case when family is not null and given is not null then {_WHOLE} end as name_keys,
            case when family is not null and given is not null then {_INITIAL} end as initial_keys,
            case when len(external_ids) > 0 then list_append(external_ids, record_id) else [record_id] end as links,
            list_transform(external_ids, lambda i: regexp_replace(i, ':[^:]*$', '')) as link_spaces
        from standardised
    """)
    connection.unregister("standardised")
    for kind, column in (("email", "every_email"), ("phone", "every_phone")):
        learn_shared(connection, kind, column)
        _part_shared(connection, kind, column)


def _part_shared(connection: duckdb.DuckDBPyConnection, kind: str, column: str) -> None:
    """Add `<kind>s` (personal values), `shared_<kind>s` and `<kind>` (one value that stands for the record)."""
    local = ""
    if kind == "email":
        name = "split_part(email, '@', 1)"
        local = f", {name} as email_local, regexp_replace({name}, '[^a-z]', '', 'g') as email_stem"
    connection.execute(f"""
        create or replace temp table features as
        with marked as (
            select rid, unnest({column}) as value from features
        ),
        parted as (
            select rid, list(value order by value) filter (where not is_shared) as {kind}s,
                list(value order by value) filter (where is_shared) as shared_{kind}s
            from marked join {kind}_behaviour using (value) group by rid
        )
        select features.*, {kind}s, shared_{kind}s, coalesce({kind}s[1], shared_{kind}s[1]) as {kind} {local}
        from features left join parted using (rid)
        order by rid
    """)
