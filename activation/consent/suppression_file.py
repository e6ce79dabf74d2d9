"""A suppression file: CSV in, suppressions out; a line that cannot be read is set aside with its reason."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TextIO

from activation.consent.suppressions import Reason, Suppression, SuppressionError, suppress
from activation.database import Connection

BATCH: Final = 1_000
COLUMNS: Final = ("address", "email", "phone", "customer_id", "channel", "purpose", "reason", "until")
_SUBJECTS: Final = COLUMNS[:4]


@dataclass(frozen=True)
class ImportReport:
    """What became of the lines of a file; `known` were on the list already."""

    added: int
    known: int
    quarantined: int

    @property
    def lines(self) -> int:
        """Lines of the file, its header aside."""
        return self.added + self.known + self.quarantined


@dataclass(frozen=True)
class Defaults:
    """What a line that does not say so means."""

    channel: str | None = None
    purpose: str | None = None
    reason: Reason = Reason.COMPANY


def import_file(
    connection: Connection,
    path: Path,
    by: str,
    default_region: str,
    defaults: Defaults | None = None,
    tell: Callable[[int], None] = lambda _: None,
) -> ImportReport:
    """Suppress everybody in a CSV file with a header of `COLUMNS`: one of the first four, and any of the others.

    Each thousand lines are one transaction; a file may be imported again, which adds nothing. Lines that cannot be
    read go to `quarantine_of(path)`, with the same columns and the reason, to be corrected and imported in turn.

    Args:
        connection: psycopg, without an open transaction.
        path: the file, UTF-8.
        by: who asked for it.
        default_region: the region of phone numbers without a country code.
        defaults: what a line that does not say so means.
        tell: called with the number of lines read since it was last called.

    Raises:
        SuppressionError: if the file cannot be read, or its header names nobody or an unknown column.
    """
    defaults = defaults or Defaults()
    added = known = quarantined = 0
    try:
        with ExitStack() as stack:
            reader = csv.DictReader(stack.enter_context(path.open(encoding="utf-8-sig", newline="")))
            header = _checked_header(reader.fieldnames)
            bad = _Quarantine(stack, quarantine_of(path), header)
            for batch in _batches(reader):
                good: list[tuple[dict[str, str], Suppression]] = []
                for line in batch:
                    try:
                        good.append((line, _read(line, header, default_region, defaults)))
                    except SuppressionError as error:
                        bad.put(line, str(error))
                new, lost = _suppress(connection, [one for _, one in good], by)
                for place in lost:
                    bad.put(good[place][0], "no such customer")
                added += new
                known += len(good) - len(lost) - new
                quarantined = bad.lines
                tell(len(batch))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no CSV file in UTF-8"
        raise SuppressionError(f"{path.name} cannot be read: {why}; what was read before holds") from None
    return ImportReport(added, known, quarantined)


def quarantine_of(path: Path) -> Path:
    """Where the lines of `path` that cannot be read go: beside it, as `<name>.quarantined.csv`."""
    return path.with_name(f"{path.stem}.quarantined.csv")


class _Quarantine:
    """Opened by the first bad line; what an earlier import left there is replaced."""

    def __init__(self, stack: ExitStack, path: Path, header: tuple[str, ...]) -> None:
        self._stack, self._path, self._header = stack, path, header
        self._file: TextIO | None = None
        self.lines = 0
        path.unlink(missing_ok=True)

    def put(self, line: dict[str, str], problem: str) -> None:
        if self._file is None:
            self._file = self._stack.enter_context(self._path.open("w", encoding="utf-8", newline=""))
            self._path.chmod(0o600)
            csv.writer(self._file).writerow([*self._header, "problem"])
        csv.writer(self._file).writerow([*(line.get(name) or "" for name in self._header), problem])
        self.lines += 1


def _checked_header(names: object) -> tuple[str, ...]:
    header = tuple(str(name).strip().lower() for name in names) if isinstance(names, (list, tuple)) else ()
    wrong = [name for name in header if name not in (*COLUMNS, "problem")]
    if wrong or not set(header) & set(_SUBJECTS):
        # A file without a header has a person in its first line: it is not repeated.
        raise SuppressionError(
            f"the first line must name the columns: one or more of {', '.join(_SUBJECTS)}, "
            f"and any of {', '.join(COLUMNS[4:])}"
        )
    return tuple(name for name in header if name != "problem")


def _batches(reader: csv.DictReader[str]) -> Iterator[list[dict[str, str]]]:
    batch: list[dict[str, str]] = []
    for row in reader:
        batch.append({str(name).strip().lower(): str(value or "").strip() for name, value in row.items() if name})
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _read(line: dict[str, str], header: tuple[str, ...], default_region: str, defaults: Defaults) -> Suppression:
    given = [(name, line[name]) for name in _SUBJECTS if name in header and line.get(name)]
    if len(given) != 1:
        raise SuppressionError(f"one of {', '.join(_SUBJECTS)} is wanted, and {len(given)} are given")
    name, value = given[0]
    reason = line.get("reason") or defaults.reason
    if reason not in set(Reason):
        raise SuppressionError(f"the reason is none of {', '.join(Reason)}")
    channel = line.get("channel") or defaults.channel
    purpose = line.get("purpose") or defaults.purpose
    until = moment_of(line["until"]) if line.get("until") else None
    if name == "customer_id":
        return Suppression(customer_id=value, channel=channel, purpose=purpose, reason=Reason(reason), until=until)
    if name in ("email", "phone") and ("@" in value) != (name == "email"):
        raise SuppressionError(f"this is no {name}")
    return Suppression.of_address(
        value, default_region, channel=channel, purpose=purpose, reason=Reason(reason), until=until
    )


def moment_of(written: str) -> datetime:
    """A day or a moment in ISO 8601; UTC where nothing else is said.

    Raises:
        SuppressionError: if it is neither.
    """
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise SuppressionError("the end is no date; write it as 2027-01-31") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _suppress(connection: Connection, batch: list[Suppression], by: str) -> tuple[int, list[int]]:
    """The number of new rows, and the places in the batch of customers that nobody knows."""
    ids = [one.customer_id for one in batch if one.customer_id is not None]
    with connection.transaction():
        found = connection.execute(
            "select customer_id from activation.profiles where customer_id = any(%(ids)s::text[]) union "
            "select match_key from activation.profile_identifiers "
            "where kind = 'customer_id' and match_key = any(%(ids)s::text[])",
            {"ids": ids},
        ).fetchall()
    there = {row[0] for row in found}
    lost = [place for place, one in enumerate(batch) if one.customer_id is not None and one.customer_id not in there]
    kept = [one for one in batch if one.customer_id is None or one.customer_id in there]
    return (suppress(connection, kept, by) if kept else 0), lost
