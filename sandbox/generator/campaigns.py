"""E-mail campaigns and who was in them: contacts and leads who had not refused."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow.compute as pc

from sandbox.generator.columns import DAY, dates, holds, join, number, pool, take, times
from sandbox.generator.draw import Ints, chance, repeat_each, stream, weighted
from sandbox.generator.moments import after
from sandbox.generator.record_contacts import has
from sandbox.generator.record_frame import Records
from sandbox.generator.systems import CONTACT, LEAD

Table = dict[str, Any]
NAMES: Final = ("Spring edit", "Game night", "Kitchen week", "Summer sale", "Autumn edit", "Gift guide", "Winter sale")
EVERY_DAYS: Final = 31


def draw_campaigns(seed: int, records: Records, as_of: int) -> tuple[Table, Table]:
    """The tables campaigns (one a month for two years) and campaign_members."""
    rng = stream(seed, "campaigns")
    count = 730 // EVERY_DAYS
    started = as_of - (count - np.arange(count, dtype=np.int64)) * EVERY_DAYS * DAY + 9 * DAY
    position = np.arange(count)
    campaign_id = join("701Hs", number(4_000_000 + position * 7, 10), "IAA")
    is_over = started < as_of - 20 * DAY
    campaigns = {
        "campaign_id": campaign_id,
        "name": join(take(NAMES, position % len(NAMES)), " ", number(1 + position // len(NAMES))),
        "type": pool(["Email"] * count),
        "status": take(["In Progress", "Completed"], is_over.astype(np.int64)),
        "start_date": dates(started // DAY),
        "updated_at": times(np.minimum(started + 20 * DAY, as_of)),
    }
    return campaigns, _members(rng, records, campaign_id, started, as_of)


def _members(rng: np.random.Generator, records: Records, campaign_id: Any, started: Ints, as_of: int) -> Table:
    rows = records.of_kind(CONTACT, LEAD)
    refused = holds(pc.equal(records.columns["email_consent"], "denied"))
    reachable = rows[(~refused & has(records.columns["email"]))[rows]]
    row, campaign = repeat_each(np.full(len(reachable), len(started)))
    row = reachable[row]
    sent = after(rng, started[campaign], 3)
    kept = (sent > records.created[row]) & (sent < as_of) & chance(rng, 0.26, len(row))
    row, campaign, sent = row[kept], campaign[kept], sent[kept]
    size = len(row)
    outcome = weighted(rng, (58, 27, 15), size)
    responded_at = after(rng, sent, 14)
    responded = (outcome == 2) & (responded_at < as_of)
    return {
        "campaign_member_id": join("00vHs", number(9_000_000 + np.arange(size, dtype=np.int64), 10), "IAA"),
        "campaign_id": take(campaign_id, campaign),
        "record_id": take(records.record_id, row),
        "status": take(["Sent", "Opened", "Responded"], np.where(responded, 2, np.minimum(outcome, 1))),
        "has_responded": responded,
        "responded_at": times(responded_at, ~responded),
        "created_at": times(sent),
        "updated_at": times(np.where(responded, responded_at, sent)),
    }
