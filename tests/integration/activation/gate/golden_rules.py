"""Golden's models of consent and contact points as views over hand-made records: the true rules, without a build."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
import yaml
from psycopg import sql

PROJECT: Final = Path(__file__).parents[4] / "dbt_project"
MODELS: Final = (
    "consent_statements",
    "consents",
    "record_identifiers",
    "contact_points",
    "contact_permissions",
    "shared_refusals",
    "contact_obstacles",
)
STAGING: Final = (
    "stg_shopify__customers",
    "stg_salesforce__contacts",
    "stg_salesforce__leads",
    "stg_files__people",
    "stg_events__people",
    "stg_zendesk__user_identities",
)
_TYPES: Final = {
    "updated_at": "timestamptz",
    "created_at": "timestamptz",
    "verified_email": "boolean",
    "is_verified": "boolean",
}
_AROUND: Final = """
create schema staging;
create table identity.identifiers (
    record_id text, kind text, raw_value text, value text, match_key text, is_valid boolean, rejection_reason text);
create table identity.shared_identifiers (kind text, value text, class text);
create table golden.record_inputs (
    record_id text, customer_id text, observed_at timestamptz, first_seen_at timestamptz);
create table golden.golden_attributes (customer_id text, attribute text, value text);
create table golden.consent_rules (source text, field text, stated text, channel text, purpose text, state text);
create table golden.unreachable_states (source text, field text, stated text, kind text, reason text);
"""


@dataclass(frozen=True)
class CompiledRules:
    """Models by name, with the name of the database that they were compiled for."""

    models: Mapping[str, str]
    database: str

    def install(self, connection: psycopg.Connection[Any]) -> None:
        """Put the models in the place of the world's hand-made tables, as views, with tables for all that they read."""
        with connection.transaction():
            profiles = connection.execute("select pg_get_viewdef('golden.profiles'::regclass)").fetchone()
            assert profiles is not None
            connection.execute("drop view golden.profiles, golden.contact_permissions")
            connection.execute("drop table golden.contact_points, golden.consents")
            connection.execute(_AROUND)
            for table in STAGING:
                connection.execute(_staging_table(table))
            _load(connection, PROJECT / "seeds/consent_states.csv", "consent_rules")
            _load(connection, PROJECT / "seeds/golden/unreachable_states.csv", "unreachable_states")
            for name, query in self.models.items():
                text = query.replace(f'"{self.database}".', "")
                connection.execute(
                    sql.SQL("create view {} as {}").format(sql.Identifier("golden", name), sql.SQL(text))
                )
            connection.execute(f"create view golden.profiles as {profiles[0]}")


def _staging_table(name: str) -> sql.Composed:
    """A table with the columns that the model is documented with."""
    (file,) = PROJECT.glob(f"models/staging/*/{name}.yml")
    (model,) = (found for found in yaml.safe_load(file.read_text())["models"] if found["name"] == name)
    columns = [column["name"] for column in model["columns"]]
    return sql.SQL("create table {} ({})").format(
        sql.Identifier("staging", name),
        sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(_TYPES.get(column, "text"))) for column in columns
        ),
    )


def _load(connection: psycopg.Connection[Any], file: Path, table: str) -> None:
    with file.open() as lines:
        rows = list(csv.reader(lines))
    insert_all(connection, f"golden.{table}", rows[0], rows[1:])


def insert_all(
    connection: psycopg.Connection[Any], table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]
) -> None:
    """Insert rows into some columns of a table."""
    statement = sql.SQL("insert into {} ({}) values ({})").format(
        sql.Identifier(*table.split(".")),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join([sql.Placeholder()] * len(columns)),
    )
    with connection.cursor() as cursor:
        cursor.executemany(statement, [tuple(row) for row in rows])
