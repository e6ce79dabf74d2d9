"""What was read: rows per source, and what became of each system's files."""

from __future__ import annotations

from orchestration.summary.figures import Block, Column, Facts, count, numbers, sentence, table

_SOURCES = """
    select
        source, sum(raw_rows)::bigint as raw, sum(staged_rows)::bigint as staged,
        sum(quarantined_rows)::bigint as quarantined
    from staging.stream_counts
    group by source
    having sum(raw_rows) > 0
    order by source
"""

# A mapping's files lie in the folder of its system's name; files elsewhere stand for themselves.
_SYSTEMS = """
    with read as (
        select
            split_part(file, '/', 1) as system, count(*) as files, sum(rows)::bigint as rows,
            sum(rows_left_out)::bigint as left_out
        from staging.stg_files__read_files
        group by split_part(file, '/', 1)
    ),
    touchpoints as (
        select source as system, count(*) as touchpoints from staging.stg_files__interactions group by source
    ),
    records as (
        select source as system, count(*) as records
        from identity.identity_records
        where source in (
            select source from staging.stg_files__people union select source from staging.stg_files__named_people
        )
        group by source
    )
    select system, files, rows, left_out, records, touchpoints
    from read
    full join touchpoints using (system)
    full join records using (system)
    order by system
"""


def sources(facts: Facts) -> list[Block]:
    """Raw rows per source and where they went."""
    rows = facts.rows(_SOURCES)
    if not rows:
        return [Block("Sources", (sentence("No source has a row yet."),))]
    drawn = table(
        [Column("source", "words"), *numbers("raw rows", "staged", "quarantined")],
        ((row["source"], count(row["raw"]), count(row["staged"]), count(row["quarantined"])) for row in rows),
    )
    parts = (drawn,)
    if any(row["quarantined"] for row in rows):
        return [Block("Sources", (*parts, sentence("Each row that does not fit is in staging.quarantine, and why.")))]
    return [Block("Sources", parts)]


def file_systems(facts: Facts) -> list[Block]:
    """The systems that came as files: what was taken of them, and what no mapping takes."""
    rows = facts.rows(_SYSTEMS)
    if not rows:
        return []
    columns = ("files", "rows", "left_out", "records", "touchpoints")
    return [
        Block(
            "Systems that came as files",
            (
                table(
                    [Column("system", "words"), *numbers("files", "rows", "left out", "records", "touchpoints")],
                    ([row["system"], *(count(row[name]) for name in columns)] for row in rows),
                ),
                sentence("Left out: rows that no mapping takes, such as page scrolls and notices of a status."),
            ),
        )
    ]
