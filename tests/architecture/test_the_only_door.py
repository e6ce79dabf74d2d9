"""The consent gate is the only door out: nothing that sends reads a contact detail by any other way."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from activation.sync.profile_paths import kind_of

ROOT: Final = Path(__file__).resolve().parents[2]
ACTIVATION: Final = ROOT / "activation"
SENDERS: Final = ("destinations", "sync")
MAY_NAME_PERMISSIONS: Final = ("consent", "migrations", "publication", "published_tables.py", "privacy")
READS_AN_ADDRESS: Final = re.compile(
    r"'(primary|contact_points|attributes)'"  # a member of the profile document
    r"|\b(golden|staging|raw_\w+)\.\w|\bidentity\.(identifiers|identity_records)\b"  # the rooms before publication
    r"|activation\.(consents|contact_permissions)\b"
)
A_RECORD: Final = re.compile(r"kind = '(record_id|customer_id)'")
NETWORK: Final = {"httpx", "requests", "urllib3", "aiohttp", "smtplib", "boto3", "fsspec", "socket", "urllib"}


def _strings(path: Path) -> Iterator[str]:
    """Every string of a module that is no docstring: what could be SQL. Parts of an f-string count each."""
    tree = ast.parse(path.read_text())
    told = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _modules(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ACTIVATION / folder).rglob("*.py"))


def test_only_the_gate_names_the_permissions() -> None:
    found = [
        str(path.relative_to(ROOT))
        for room in ("activation", "orchestration")
        for path in (ROOT / room).rglob("*.py")
        if path.relative_to(ROOT / room).parts[0] not in MAY_NAME_PERMISSIONS
        and any("contact_permissions" in text or "suppression_key" in text for text in _strings(path))
    ]
    assert found == []


def test_senders_read_no_address() -> None:
    found = {
        str(path.relative_to(ROOT)): match.group(0)
        for path in _modules(*SENDERS)
        for text in _strings(path)
        if (match := READS_AN_ADDRESS.search(text))
    }
    assert found == {}


def test_senders_look_up_records_and_no_address() -> None:
    """`profile_identifiers` has e-mails and phones too: whoever reads it must say that records are wanted."""
    found = [
        str(path.relative_to(ROOT))
        for path in _modules(*SENDERS)
        for text in _strings(path)
        if "profile_identifiers" in text and not A_RECORD.search(text)
    ]
    assert found == []


@pytest.mark.parametrize(
    "path",
    ["primary.email", "primary.phone", "primary", "contact_points", "contact_points.0.value", "attributes.email.value"],
)
def test_no_address_can_be_mapped_to_a_field(path: str) -> None:
    assert kind_of(path) is None


def test_the_engine_asks_the_gate() -> None:
    permission = ACTIVATION / "sync/permission.py"
    assert "activation.consent.permitted" in _imports(permission) | _imports(ACTIVATION / "sync/difference.py")
    calls = {
        node.func.id
        for node in ast.walk(ast.parse((ACTIVATION / "sync/difference.py").read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert "permitted" in calls


def test_nothing_but_destinations_opens_a_way_out() -> None:
    found = {
        str(path.relative_to(ROOT)): sorted(names)
        for path in ACTIVATION.rglob("*.py")
        if path.relative_to(ACTIVATION).parts[0] != "destinations"
        and (names := {name.split(".")[0] for name in _imports(path)} & NETWORK)
    }
    assert found == {}


def test_the_api_sends_to_nobody() -> None:
    found = {
        str(path.relative_to(ROOT)): sorted(names)
        for path in _modules("api", "access", "events")
        if (
            names := {
                name for name in _imports(path) if name.startswith(("activation.destinations", "activation.sync"))
            }
        )
    }
    assert found == {}
