-- What became of the rows of each file that was read. Grain: one row per file.
with read_files as (
    {{ raw_stream('files', 'read_files') }}
)

select
    record_key as file,
    cast(payload ->> 'rows' as bigint) as rows,
    cast(payload ->> 'rows_taken' as bigint) as rows_taken,
    cast(payload ->> 'rows_left_out' as bigint) as rows_left_out
from read_files
