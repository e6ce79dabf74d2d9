"""A warehouse that has published very many profiles: a real publication of the sandbox, copied over and over."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Final

from activation.publish import publish
from benchmarks.serve_build.__main__ import Serving
from benchmarks.serve_build.retailer import end_of, identify, load, stage
from orchestration.settings import Settings
from orchestration.warehouse import Warehouse
from sandbox.generator import generate

_AT_ONCE: Final = 20

_COPY_PROFILES: Final = """
    insert into activation.profiles (customer_id, document, answer, telling, link_strength, content_hash)
    select
        customer_id || 'r' || n,
        jsonb_set(document, '{customer_id}', to_jsonb(customer_id || 'r' || n)),
        replace(answer, customer_id, customer_id || 'r' || n),
        telling,
        link_strength,
        content_hash
    from model_profiles cross join generate_series(%(first)s::int, %(last)s::int) as n
"""

# Every copy has its own identifiers, shared by as many as the original's: an e-mail that begins differently, a German
# mobile number, a record with a longer id.
_COPY_IDENTIFIERS: Final = """
    insert into activation.profile_identifiers (kind, match_key, customer_id)
    select
        kind,
        case kind
            when 'email' then 'r' || n || 'x' || match_key
            when 'phone' then '+49151' || lpad((rank * %(copies)s::int + n)::text, 8, '0')
            else match_key || 'r' || n
        end,
        customer_id || 'r' || n
    from (
        select kind, match_key, customer_id, dense_rank() over (partition by kind order by match_key) as rank
        from model_identifiers
    ) as models
    cross join generate_series(%(first)s::int, %(last)s::int) as n
    on conflict do nothing
"""


def publish_sandbox(warehouse: Warehouse, settings: Settings, folder: Path, people: int, seed: int) -> None:
    """Build golden, marts and segments of a sandbox retailer and publish them, as a run does."""
    world = generate(people, seed=seed)
    load(warehouse, world)
    serving = Serving(warehouse, folder, world.as_of.isoformat())
    serving.dbt("build", "--selector", "prepare")
    stage(warehouse, None, end_of(world))
    serving.dbt(
        "run", "--select", "models/staging", "models/identity", "--exclude", "base_*", "stream_counts", "quarantine"
    )
    identify(warehouse, settings, "bench")
    serving.dbt("build", "--selector", "serve")
    with warehouse.connect() as connection:
        publish(connection, "bench", world.as_of)


def multiply(warehouse: Warehouse, wanted: int, progress: Callable[[int], None]) -> int:
    """Copy the published profiles, each under ids and identifiers of its own, until there are at least `wanted`.

    Returns:
        The number of profiles.
    """
    with warehouse.connect(autocommit=True) as connection:
        connection.execute("create temporary table model_profiles as select * from activation.profiles")
        connection.execute("create temporary table model_identifiers as select * from activation.profile_identifiers")
        connection.execute("analyze model_profiles, model_identifiers")
        row = connection.execute("select count(*) from model_profiles").fetchone()
        models = 0 if row is None else int(row[0])
        copies = math.ceil(wanted / models) - 1
        for first in range(1, copies + 1, _AT_ONCE):
            batch = {"first": first, "last": min(first + _AT_ONCE - 1, copies), "copies": copies + 1}
            connection.execute(_COPY_PROFILES, batch)
            connection.execute(_COPY_IDENTIFIERS, batch)
            progress(models * (1 + batch["last"]))
        connection.execute("vacuum analyze activation.profiles")
        connection.execute("vacuum analyze activation.profile_identifiers")
    return models * (copies + 1)
