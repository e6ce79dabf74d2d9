"""Features in DuckDB: the columns that comparisons and blocking derive from several others, one row per record."""

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
_USER_NAME: Final = "regexp_replace(split_part({}, ':', -1), '[^a-z0-9]', '', 'g')"
SHARABLE: Final = {"email": "every_email", "phone": "every_phone"}
"""Kinds of identifiers that several people may share, and the feature column that lists them."""


def load_features(connection: duckdb.DuckDBPyConnection, standardised: pa.Table) -> None:
    """Create the table `features` from those of `features.py`, and learn which identifiers are shared among them."""
    connection.register("standardised", standardised)
    connection.execute(
        "create or replace temp view features as "
        "select *, emails as every_email, phones as every_phone from standardised"
    )
    for kind, column in SHARABLE.items():
        learn_shared(connection, kind, column)
    connection.execute("drop view features")
    derive_features(connection, "standardised", "features")
    connection.unregister("standardised")


def derive_features(connection: duckdb.DuckDBPyConnection, standardised: str, features: str) -> None:
    """Create the table `features` from standardised records, given the behaviour of their identifiers.

    Reads `<kind>_behaviour` (`value, is_shared, class`): what is shared is compared apart from what is personal,
    what is junk not at all.
    """
    for kind in SHARABLE:
        connection.execute(f"""
            create or replace temp table parted_{kind} as
            with carried as (select rid, unnest({kind}s) as value from {standardised} where len({kind}s) > 0),
            shared as (select value, class from {kind}_behaviour where is_shared)
            select rid, list(value order by value) filter (where shared.value is null) as personal,
                list(value order by value) filter (where shared.class <> 'junk') as shared
            from carried left join shared using (value)
            where rid in (select rid from carried semi join shared using (value))
            group by rid
        """)
    parts = ", ".join(
        f"case when {kind}.rid is null then s.{kind}s else {kind}.personal end as {kind}s, "
        f"{kind}.shared as shared_{kind}s"
        for kind in SHARABLE
    )
    joins = " ".join(f"left join parted_{kind} as {kind} on {kind}.rid = s.rid" for kind in SHARABLE)
    connection.execute(f"""
        create or replace table {features} as
        with records as (
            select s.* exclude (emails, phones), s.emails as every_email, s.phones as every_phone, {parts}
            from {standardised} as s {joins}
        )
        select *,
            coalesce(emails[1], shared_emails[1]) as email, coalesce(phones[1], shared_phones[1]) as phone,
            split_part(email, '@', 1) as email_local,
            regexp_replace(email_local, '[^a-z]', '', 'g') as email_stem,
            list_transform(handles, lambda h: split_part(h, ':', 1)) as platforms,
            nullif(list_filter(list_distinct(list_concat(
                list_transform(handles, lambda h: {_STEM.format("h")}),
                list_transform(emails, lambda e: {_STEM.format("split_part(e, '@', 1)")})
            )), lambda s: length(s) > 4), []) as aliases,
            nullif(list_filter(list_distinct(list_concat(
                list_transform(handles, lambda h: {_USER_NAME.format("h")}),
                list_transform(emails, lambda e: {_USER_NAME.format("split_part(e, '@', 1)")})
            )), lambda s: length(s) > 5), []) as user_names,
            array_to_string(aliases, ' ') as alias_text, aliases[1] as alias,
            case when family is not null and given is not null then {_WHOLE} end as name_keys,
            case when family is not null and given is not null then {_INITIAL} end as initial_keys,
            regexp_replace(email_local, '[^0-9]', '', 'g') as email_number,
            given || '|' || family || '|' || birth_date as name_and_birth_date,
            coalesce(length(family) > 3 and contains(email_stem, replace(family, ' ', '')), false)
                or coalesce(length(given) > 3 and contains(email_stem, given), false)
                or coalesce(len(list_filter(list_concat(name_keys, initial_keys),
                    lambda key: jaro_winkler_similarity(key, email_stem) >= 0.92)) > 0, false) as is_email_of_name,
            case when len(external_ids) > 0 then list_append(external_ids, record_id) else [record_id] end as links,
            list_transform(external_ids, lambda i: regexp_replace(i, ':[^:]*$', '')) as link_spaces
        from records
    """)
