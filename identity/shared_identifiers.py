"""What an e-mail or a phone number is to the people that carry it, learnt from how far their records agree.

| class | how its records behave |
|---|---|
| personal | they agree about who they are, or are too few to tell |
| household | several people of one family name, or a few at one address |
| business | several unrelated people at one address, or a mailbox named after a task |
| recycled | two or three people one after the other, who share nothing else |
| junk | many people who share nothing else, or many records that name nobody |

What is not personal stops merging people; junk is not compared at all. A value's class depends on nothing but the
records that carry it.
"""

from __future__ import annotations

from typing import Final

import duckdb
import pyarrow as pa

from identity.contract import SHARED_IDENTIFIERS

# A value on more records than this is looked at through a sample of its records: agreement needs no more.
_SAMPLE: Final = 40
# Of the pairs of records with one value, the share that must agree about the person for it to be personal. Spelling
# errors keep a truly personal one well above it, one other member of a family brings it below.
PERSONAL_AGREEMENT: Final = 0.7
_RELATED: Final = 0.5
# More people than this at one address are no household.
_LARGEST_HOUSEHOLD: Final = 8
# Number of people from which those who share nothing else have nothing to do with each other.
_CROWD: Final = 12
# Records that name nobody: nobody leaves so many of them.
_NAMELESS: Final = 30
_ONE_AFTER_THE_OTHER: Final = 0.9
_TASKS: Final = (
    "(info|office|contact|kontakt|sales|support|help|helpdesk|service|admin|administration|billing|accounts?|accounting|"
    "buchhaltung|finance|hr|jobs|team|mail|post|hello|reception|frontdesk|orders?|shop|store|marketing|press|postmaster|"
    "webmaster|hostmaster|no-?reply|do-?not-?reply|newsletter|enquiries|inquiries|customer-?(care|service)|buero|contacto|"
    "ventas|bureau|accueil)"
)


def learn_shared(
    connection: duckdb.DuckDBPyConnection, kind: str, column: str, *, features: str = "features", behaviour: str = ""
) -> None:
    """Create `<kind>_behaviour`: one row per value on two records or more, with its class and what that rests on.

    Columns: `value, records, class, is_shared` (not personal)`, people` (about how many, at least), and shares of the
    pairs of its records that agree, each null where no pair can be compared: `agreement` about the person (given names,
    or birth dates where a name is missing), `family_agreement`, `date_agreement`, `address_agreement`; `apart_in_time`:
    of the pairs of different people, the share whose records were never live at once.

    A value's row depends on nothing but the records that carry it, so that an incremental run asks for the values
    that a change touches: `features` then names a table of all their records, `behaviour` the table to create.
    """
    task = f"coalesce(regexp_full_match(split_part(value, '@', 1), '{_TASKS}'), false)" if kind == "email" else "false"
    connection.execute(f"""
        create or replace table {behaviour or f"{kind}_behaviour"} as
        with carried as (
            select unnest({column}) as value, rid, record_id, given, given_forms, family, family_forms, birth_date,
                is_transcribed, street, postcode, seen_from, seen_until
            from {features}
        ),
        counted as (select value, count(*) as records from carried group by value),
        sampled as (
            select carried.*, row_number() over (partition by value order by hash(record_id), record_id) as place
            from carried join counted using (value)
            where counted.records > 1
            qualify place <= {_SAMPLE}
        ),
        pairs as (
            select a.value,
                case when a.is_transcribed = b.is_transcribed then
                    (a.given = b.given or list_has_any(a.given_forms, b.given_forms)
                    or jaro_winkler_similarity(a.given, b.given) >= 0.8
                    or starts_with(a.given, b.given) or starts_with(b.given, a.given)
                    or coalesce(a.given = b.family, false) or coalesce(b.given = a.family, false)) end as names_agree,
                case when a.is_transcribed = b.is_transcribed then
                    (a.family = b.family or coalesce(list_has_any(a.family_forms, b.family_forms), false)
                    or jaro_winkler_similarity(a.family, b.family) >= 0.9
                    or coalesce(a.family = b.given, false) or coalesce(b.family = a.given, false)) end
                    as families_agree,
                damerau_levenshtein(a.birth_date, b.birth_date) <= 2 as dates_agree,
                coalesce(a.street = b.street and coalesce(a.postcode = b.postcode, true), a.postcode = b.postcode)
                    as addresses_agree,
                a.seen_until < b.seen_from or b.seen_until < a.seen_from as one_after_the_other,
                coalesce(names_agree, dates_agree) as agree
            from sampled as a join sampled as b on a.value = b.value and a.place < b.place
        ),
        agreement as (
            select value, avg(agree::int) as agreement, avg(families_agree::int) as family_agreement,
                avg(dates_agree::int) as date_agreement, avg(addresses_agree::int) as address_agreement,
                avg(one_after_the_other::int) filter (where not agree) as apart_in_time
            from pairs group by value
        ),
        judged as (
            select counted.value, counted.records, agreement.* exclude (value),
                case when agreement is null then null
                    else least(counted.records, round(1.0 / greatest(agreement, 1.0 / counted.records)))::integer
                end as people
            from counted left join agreement using (value)
            where counted.records > 1
        ),
        classed as (
            select *, case
                when agreement is null then case when records > {_NAMELESS} then 'junk' else 'personal' end
                when agreement >= {PERSONAL_AGREEMENT} then 'personal'
                when family_agreement >= {_RELATED} and people < {_CROWD} then 'household'
                when {task} then 'business'
                when address_agreement >= {_RELATED} then
                    case when people <= {_LARGEST_HOUSEHOLD} then 'household' else 'business' end
                when people >= {_CROWD} then 'junk'
                when people <= 3 and apart_in_time >= {_ONE_AFTER_THE_OTHER} then 'recycled'
                else 'business'
            end as class
            from judged
        )
        select value, records, class, class <> 'personal' as is_shared, people, agreement, family_agreement,
            date_agreement, address_agreement, apart_in_time
        from classed
    """)


def shared_identifiers(connection: duckdb.DuckDBPyConnection, kinds: tuple[str, ...]) -> pa.Table:
    """The values that are not personal, per `contract.SHARED_IDENTIFIERS`, from the tables `<kind>_behaviour`."""
    shares = ("agreement", "family_agreement", "date_agreement", "address_agreement", "apart_in_time")
    rounded = ", ".join(f"round({share}, 4) as {share}" for share in shares)
    every = " union all ".join(
        f"select '{kind}' as kind, value, class, records, people as people_estimate, {rounded} "
        f"from {kind}_behaviour where is_shared"
        for kind in kinds
    )
    return connection.sql(f"select * from ({every}) order by kind, value").to_arrow_table().cast(SHARED_IDENTIFIERS)
