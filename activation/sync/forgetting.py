"""Let go of what a sync sent: the place is gone, or somebody else looks after it from now on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from activation.database import ActivationError, Connection, exclusive, scalar
from activation.sync.history import SyncStatus, close_killed
from activation.sync.target import Target, remembered_target


@dataclass(frozen=True)
class LetGo:
    """What Braid would no longer look after, in rows.

    Attributes:
        rows: that the tool holds, or may.
        in_doubt: of these, sent and not answered.
        erasures: of these, of people who asked to be forgotten, and whom the tool has not deleted.
        dead_letters: rows that it refused; they go as well, and the history keeps what happened.
        target: where they are; None: no run has remembered it.
    """

    rows: int
    in_doubt: int
    erasures: int
    dead_letters: int
    target: Target | None


def remembered_names(connection: Connection) -> list[str]:
    """The names of the syncs of which there is something to forget."""
    with connection.transaction():
        rows = connection.execute(_NAMES).fetchall()
    return [row[0] for row in rows]


def held_of(connection: Connection, name: str) -> LetGo:
    """What `forget` would let go of; nothing is written."""
    with connection.transaction():
        return _counted(connection, name)


def forget(connection: Connection, name: str, forgotten_by: str) -> LetGo:
    """Remove the deliveries of a sync, its dead letters and its target; nobody is taken back from where they are.

    The next run of a sync of that name begins anew. The history tells who did it. An erasure that the tool had not
    acknowledged is closed as forgotten, not as acknowledged.

    Raises:
        ActivationError: if nothing is remembered of it, or a sync of that name is running.
    """
    with exclusive(connection, f"sync of {name}"):
        close_killed(connection, name)
        with connection.transaction():
            found = _counted(connection, name)
            if not found.rows and not found.dead_letters and found.target is None:
                raise ActivationError(f"nothing is remembered of the sync {name}: there is nothing to forget")
            connection.execute(_ERASURES, {"name": name, "by": forgotten_by})
            connection.execute("delete from activation.deliveries where destination = %s", [name])
            connection.execute("delete from activation.dead_letters where destination = %s", [name])
            connection.execute("delete from activation.sync_targets where destination = %s", [name])
            told = {"forgotten": found.rows, "erasures": found.erasures, "dead_letters": found.dead_letters}
            where = "" if found.target is None else f" in {found.target}"
            said = f"{forgotten_by} let go of {found.rows:,} rows{where}; nobody was taken back"
            connection.execute(_HISTORY, [name, SyncStatus.FORGOTTEN, json.dumps(told), said])
    return found


def _counted(connection: Connection, name: str) -> LetGo:
    rows, in_doubt, erasures = connection.execute(_HELD, [name]).fetchone() or (0, 0, 0)
    letters = scalar(connection, "select count(*) from activation.dead_letters where destination = %s", [name])
    return LetGo(rows, in_doubt, erasures, int(letters), remembered_target(connection, name))


# The file drop of segments keeps its own account under its name, and is no sync.
_NAMES: Final = """
    select destination from activation.deliveries where destination <> 'file_drop'
    union
    select destination from activation.dead_letters where destination <> 'file_drop'
    union
    select destination from activation.sync_targets
    order by destination
"""

_HELD: Final = """
    select count(*), count(*) filter (where in_doubt), count(*) filter (where erase_requested)
    from activation.deliveries
    where destination = %s
"""

# What was acknowledged before, and not noted as such yet, stays acknowledged.
_ERASURES: Final = """
    update activation.erasure_destinations as asked set forgotten_at = now(), forgotten_by = %(by)s
    from activation.erasures as erasure
    where asked.destination = %(name)s
    and asked.acknowledged_at is null
    and erasure.erasure_id = asked.erasure_id
    and exists (
        select from activation.deliveries as held
        where held.destination = asked.destination and held.erase_requested and held.customer_id = erasure.customer_id
    )
"""

_HISTORY: Final = """
    insert into activation.syncs (destination, status, confirmed, plan, problem, finished_at)
    values (%s, %s, true, %s, %s, now())
"""
