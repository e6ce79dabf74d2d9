"""Identifiers that several people use: learnt from how far the records that carry them disagree about who they are."""

from __future__ import annotations

from typing import Final

import duckdb

# A value on more records than this is looked at through a sample of its records: agreement needs no more.
_SAMPLE: Final = 40
# Of the pairs of records with one value, the share that must agree about the person for it to be personal. Spelling
# errors keep a truly personal one well above it, one other member of a family brings it below.
PERSONAL_AGREEMENT: Final = 0.7


def learn_shared(connection: duckdb.DuckDBPyConnection, kind: str, column: str) -> None:
    """Create `<kind>_behaviour`: one row per value of a list column: `value, records, agreement, is_shared`.

    `agreement` is the share of pairs, among the records that carry the value, whose given names (or, where a name is
    missing, birth dates) agree; null when no pair can be compared. Reads the table `features`.
    """
    connection.execute(f"""
        create or replace temp table {kind}_behaviour as
        with carried as (
            select unnest({column}) as value, rid, given, given_forms, family, birth_date, is_transcribed
            from features
        ),
        sampled as (
            select *, count(*) over (partition by value) as records,
                row_number() over (partition by value order by hash(rid), rid) as place
            from carried
        ),
        pairs as (
            select a.value,
                case when a.is_transcribed = b.is_transcribed then
                    (a.given = b.given or list_has_any(a.given_forms, b.given_forms)
                    or jaro_winkler_similarity(a.given, b.given) >= 0.8
                    or starts_with(a.given, b.given) or starts_with(b.given, a.given)
                    or coalesce(a.given = b.family, false) or coalesce(b.given = a.family, false)) end as names_agree,
                damerau_levenshtein(a.birth_date, b.birth_date) <= 2 as dates_agree
            from sampled as a
            join sampled as b on a.value = b.value and a.rid < b.rid
            where a.place <= {_SAMPLE} and b.place <= {_SAMPLE}
        ),
        agreement as (
            select value, avg(case when coalesce(names_agree, dates_agree) then 1.0 else 0.0 end)
                filter (where coalesce(names_agree, dates_agree) is not null) as agreement
            from pairs group by value
        )
        select value, any_value(records) as records, any_value(agreement) as agreement,
            coalesce(any_value(agreement) < {PERSONAL_AGREEMENT}, false) as is_shared
        from sampled left join agreement using (value)
        group by value
    """)
