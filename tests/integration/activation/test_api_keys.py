"""API keys: shown once, kept as hashes, revoked for ever; from functions and from the command line."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from activation.access.keys import create_key, hash_of, list_keys, revoke_key
from activation.commands.api_keys import build_app
from activation.database import ActivationError


def test_only_the_hash_is_kept(connection) -> None:
    new = create_key(connection, "Zendesk sidebar")
    assert new.key not in repr(new)
    ((row, stored),) = connection.execute("select api_keys::text, key_hash from activation.api_keys").fetchall()
    assert new.key not in row
    assert bytes(stored) == hash_of(new.key)
    connection.rollback()
    assert create_key(connection, "another").key != new.key


def test_a_revoked_key_stays_listed_and_cannot_be_revoked_twice(connection) -> None:
    new = create_key(connection, "soon gone")
    revoke_key(connection, new.key_id)
    (listed,) = list_keys(connection)
    assert (listed.key_id, listed.name) == (new.key_id, "soon gone")
    assert listed.revoked_at is not None
    with pytest.raises(ActivationError, match="no live key"):
        revoke_key(connection, new.key_id)


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\nb"])
def test_a_key_needs_a_name(connection, name) -> None:
    with pytest.raises(ActivationError, match="needs a name"):
        create_key(connection, name)


def test_the_commands(warehouse) -> None:
    app, run = build_app(warehouse.connect), CliRunner().invoke
    assert "no keys yet" in run(app, ["list"]).stdout
    created = run(app, ["create", "agents"])
    key = created.stdout.strip()
    assert key.startswith("braid_")
    listed = run(app, ["list"])
    assert "agents" in listed.stdout
    assert key not in listed.output
    with warehouse.connect() as connection:
        (known,) = list_keys(connection)
    assert run(app, ["revoke", known.key_id]).exit_code == 0
    failed = run(app, ["revoke", known.key_id])
    assert failed.exit_code == 1
    assert "no live key" in failed.output
