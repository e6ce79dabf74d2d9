"""The suppression list: what goes in, what is kept of it, what comes out; files of it, good lines and bad."""

from __future__ import annotations

import csv
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from activation.consent.suppression_file import BATCH, Defaults, import_file, quarantine_of
from activation.consent.suppressions import Reason, Suppression, SuppressionError, lift, listed, suppress
from activation.schema import migrate

Connection = psycopg.Connection[Any]


@pytest.fixture
def lists(connection: Connection) -> Connection:
    migrate(connection)
    with connection.transaction():
        connection.execute("insert into activation.profiles values ('ann', '{}', 1, gen_random_uuid())")
        connection.execute("insert into activation.profile_identifiers values ('record_id', 'shop:1', 'ann')")
        connection.execute("insert into activation.profile_identifiers values ('customer_id', 'former', 'ann')")
    return connection


def rows(connection: Connection, query: str) -> list[tuple[Any, ...]]:
    with connection.transaction():
        return connection.execute(query).fetchall()


def test_an_address_is_kept_as_the_hmac_of_its_match_key(lists: Connection) -> None:
    assert suppress(lists, [Suppression.of_address(" Ann+news@A.example ", "GB")], "a lawyer") == 1
    ((digest, inner, outer),) = rows(
        lists,
        "select address_digest, inner_pad, outer_pad from activation.suppressions, activation.suppression_key",
    )
    key = bytes(byte ^ 0x36 for byte in inner)
    assert key == bytes(byte ^ 0x5C for byte in outer) and len(key) == 64
    assert len(set(key)) > 16  # random bytes, not one that is repeated
    assert bytes(digest) == hmac.new(key, b"email:ann@a.example", hashlib.sha256).digest()
    everything = rows(lists, "select s::text from activation.suppressions as s")
    assert "ann" not in str(everything) and "example" not in str(everything)


def test_twice_is_once_and_a_lifted_one_can_come_again(lists: Connection) -> None:
    one = Suppression.of_address("ann@a.example", "GB", channel="email", reason=Reason.UNSUBSCRIBED)
    assert [suppress(lists, [one, one], "a"), suppress(lists, [one], "b")] == [1, 0]
    assert lift(lists, "c", whom=Suppression.of_address("ANN@a.example", "GB")) == 1
    assert lift(lists, "c", whom=one) == 0
    assert listed(lists) == []
    (old,) = listed(lists, ended=True)
    assert (old.added_by, old.lifted_by, old.kind, old.channel, old.customer_id) == ("a", "c", "email", "email", None)
    assert suppress(lists, [one], "d") == 1
    assert [row.added_by for row in listed(lists, whom=one)] == ["d"]


def test_a_customer_is_kept_with_the_records_of_now(lists: Connection) -> None:
    suppress(lists, [Suppression(customer_id="former"), Suppression(customer_id="ann", channel="sms")], "a")
    assert rows(lists, "select customer_id, record_ids from activation.suppressions order by 1") == [
        ("ann", ["shop:1"]),
        ("former", ["shop:1"]),
    ]
    assert len(listed(lists, whom=Suppression(customer_id="ann"))) == 2
    assert lift(lists, "a", whom=Suppression(customer_id="ann")) == 2


def test_an_unknown_customer_is_refused_and_nothing_is_added(lists: Connection) -> None:
    with pytest.raises(SuppressionError, match="1 of the customers are not known"):
        suppress(lists, [Suppression(customer_id="ann"), Suppression(customer_id="nobody")], "a")
    assert listed(lists) == []


def test_what_has_an_end_ends(lists: Connection) -> None:
    suppress(lists, [Suppression(customer_id="ann", until=datetime.now(UTC) + timedelta(days=1))], "a")
    assert len(listed(lists)) == 1
    with lists.transaction():
        lists.execute("update activation.suppressions set since = now() - interval '2 days', until = now()")
    assert (listed(lists), len(listed(lists, ended=True))) == ([], 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"customer_id": "ann", "kind": "email", "match_key": "a@a.example"},
        {"kind": "email"},
        {"customer_id": "a\x00b"},
        {"customer_id": "ann", "channel": "none"},
        {"customer_id": "ann", "channel": "Ann Secret"},
        {"customer_id": "ann", "purpose": "Ann Secret"},
        {"customer_id": "ann", "until": datetime(2020, 1, 1, tzinfo=UTC)},
        {"customer_id": "ann", "until": datetime(2090, 1, 1)},  # noqa: DTZ001
    ],
)
def test_what_would_suppress_nobody_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SuppressionError) as error:
        Suppression(**wrong)
    assert "Secret" not in str(error.value)


@pytest.mark.parametrize("written", ["secret person", "secret@", "+44 secret", "noreply@secret.example", ""])
def test_what_is_no_address_is_refused_and_not_repeated(written: str) -> None:
    with pytest.raises(SuppressionError) as error:
        Suppression.of_address(written, "GB")
    assert "secret" not in str(error.value)


def test_no_address_in_what_is_printed() -> None:
    assert "a.example" not in repr(Suppression.of_address("ann@a.example", "GB"))


def test_a_file_with_good_and_bad_lines(lists: Connection, tmp_path: Path) -> None:
    file = tmp_path / "objections.csv"
    file.write_text(
        "\ufeffEmail,phone,customer_id,channel,reason,until\n"
        "ann@a.example,,,email,unsubscribed,\n"
        ",020 7183 8750,,,,2090-01-31\n"
        ",,ann,,,\n"
        ",,nobody,,,\n"
        "no address,,,,,\n"
        "ann@a.example,,,email,unsubscribed,\n"
        "b@a.example,,,pigeon,,\n"
        "b@a.example,,,,because,\n"
        "b@a.example,,,,,tomorrow\n"
        "b@a.example,,ann,,,\n"
        ",,,,,\n"
    )
    told: list[int] = []
    report = import_file(lists, file, "a lawyer", "GB", Defaults(reason=Reason.LEGAL), told.append)
    assert (report.added, report.known, report.quarantined, sum(told)) == (3, 1, 7, 11)
    with quarantine_of(file).open() as bad:
        problems = {row["email"] or row["customer_id"]: row["problem"] for row in csv.DictReader(bad)}
    assert problems["nobody"] == "no such customer" and problems["no address"] == "this is no email"
    assert quarantine_of(file).stat().st_mode & 0o077 == 0
    assert sorted(row.reason for row in listed(lists)) == ["legal", "legal", "unsubscribed"]

    again = import_file(lists, file, "a lawyer", "GB", Defaults(reason=Reason.LEGAL))
    assert (again.added, again.known, again.quarantined) == (0, 4, 7)
    corrected = quarantine_of(file).rename(tmp_path / "corrected.csv")
    lines = [line for line in corrected.read_text().splitlines() if line.startswith(("Email", "email", "no address"))]
    corrected.write_text("\n".join(lines).replace("no address", "new@a.example"))
    third = import_file(lists, corrected, "a lawyer", "GB")
    assert (third.added, third.quarantined, quarantine_of(corrected).exists()) == (1, 0, False)


def test_a_long_file_in_batches(lists: Connection, tmp_path: Path) -> None:
    file = tmp_path / "long.csv"
    file.write_text("address\n" + "".join(f"p{n}@a.example\n" for n in range(2 * BATCH + 5)))
    told: list[int] = []
    assert import_file(lists, file, "a", "GB", tell=told.append).added == 2 * BATCH + 5
    assert told == [BATCH, BATCH, 5]


@pytest.mark.parametrize(
    "text", [b"ann.secret@a.example\n", b"name,address2\nAnn,x\n", b"", b"address\n\xff\xfe\n", b"channel\nemail\n"]
)
def test_a_file_that_is_none_says_so_and_repeats_nothing(lists: Connection, tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "file.csv"
    file.write_bytes(text)
    with pytest.raises(SuppressionError) as error:
        import_file(lists, file, "a", "GB")
    assert "secret" not in str(error.value)
    with pytest.raises(SuppressionError, match="cannot be read"):
        import_file(lists, tmp_path / "missing.csv", "a", "GB")
