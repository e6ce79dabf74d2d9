"""Instagram, Messenger and X: conversations, comments under posts, mentions."""

from __future__ import annotations

from typing import Any

import numpy as np

from sandbox.generator import texts
from sandbox.generator.columns import DAY, HOUR, Text, join, number, take, times, where
from sandbox.generator.draw import Ints, chance, counts, repeat_each, stream
from sandbox.generator.moments import active_end, between
from sandbox.generator.people import People
from sandbox.generator.record_frame import Records
from sandbox.generator.systems import INSTAGRAM, MESSENGER, SOCIAL, X
from sandbox.generator.voices import Voices

Table = dict[str, Any]
MEDIA = 160


class Sightings:
    """When each record was first and last seen on a social channel."""

    def __init__(self, records: int) -> None:
        """Nobody seen yet."""
        self._first = np.full(records, np.iinfo(np.int64).max)
        self.last = np.zeros(records, dtype=np.int64)

    def note(self, row: Ints, at: Ints) -> None:
        """These records were seen at these moments."""
        np.minimum.at(self._first, row, at)
        np.maximum.at(self.last, row, at)

    @property
    def first(self) -> Ints:
        """The first moment; 0 for a record never seen."""
        return np.where(self.last > 0, self._first, 0)


def draw_social(
    seed: int, people: People, records: Records, voices: Voices, as_of: int
) -> tuple[dict[str, Table], Sightings]:
    """The tables conversations, direct_messages, media, comments and mentions.

    Every account appears in at least one of them: the retailer knows of no other.
    """
    rng = stream(seed, "social")
    rows = records.of_kind(*SOCIAL)
    kind = records.kind[rows]
    talks = (kind == MESSENGER) | chance(rng, 0.55, len(rows))
    comments_made = np.where(kind == INSTAGRAM, counts(rng, 1.6, len(rows)) + ~talks, 0)
    posts_made = np.where(kind == X, counts(rng, 1.6, len(rows)) + ~talks, 0)
    start = np.maximum(records.created[rows], people.joined[records.person[rows]])
    end = active_end(start, people.active_until[records.person[rows]], as_of)
    seen = Sightings(len(records.kind))
    talking = np.flatnonzero(talks)
    begun = between(rng, start[talking], end[talking], 0.7)
    conversations, messages = _conversations(rng, records, voices, rows[talking], begun, as_of, seen)
    media, posted = _media(rng, voices, as_of)
    commenter, _ = repeat_each(comments_made)
    commented = between(rng, start[commenter], end[commenter], 0.7)
    poster, _ = repeat_each(posts_made)
    mentioned = between(rng, start[poster], end[poster], 0.7)
    tables = {
        "conversations": conversations,
        "direct_messages": messages,
        "media": media,
        "comments": _comments(rng, records, voices, rows[commenter], commented, media["media_id"], posted, seen),
        "mentions": _mentions(rng, records, voices, rows[poster], mentioned, seen),
    }
    return tables, seen


def _conversations(
    rng: np.random.Generator, records: Records, voices: Voices, row: Ints, begun: Ints, as_of: int, seen: Sightings
) -> tuple[Table, Table]:
    conversation, turn = repeat_each(1 + counts(rng, 2.4, len(row), spread=2.0))
    gap = np.where(turn == 0, 0, (rng.exponential(5, len(turn)) + 0.05) * HOUR).astype(np.int64)
    passed = np.cumsum(gap)
    sent = begun[conversation] + passed - passed[np.flatnonzero(turn == 0)][conversation]
    kept = (sent < as_of) | (turn == 0)
    conversation, turn, sent = conversation[kept], turn[kept], sent[kept]
    inbound = (turn % 2 == 0) | chance(rng, 0.15, len(turn))
    last = np.zeros(len(row), dtype=np.int64)
    np.maximum.at(last, conversation, sent)
    seen.note(row[conversation], sent)
    kind = records.kind[row]
    native = take(records.columns["native_id"], row)
    conversation_id = where(kind == X, join("1523-", native), join(where(kind == INSTAGRAM, "aWdfZAG", "t_"), native))
    platform = take(["instagram", "messenger", "x"], np.searchsorted(np.array([INSTAGRAM, MESSENGER, X]), kind))
    slots = voices.slots(rng, records.person[row[conversation]], sent)
    size = len(conversation)
    theirs = texts.say(rng, texts.MESSAGES, slots)
    ours = texts.say(rng, texts.REPLIES, slots)
    message_number = number(1_900_000_000_000_000_000 + np.arange(size, dtype=np.int64) * 4_194_304)
    on_x = (kind == X)[conversation]
    conversations = {
        "conversation_id": conversation_id,
        "record_id": take(records.record_id, row),
        "platform": platform,
        "updated_at": times(last),
    }
    messages = {
        "message_id": where(on_x, message_number, join("m_", message_number)),
        "conversation_id": take(conversation_id, conversation),
        "record_id": take(records.record_id, row[conversation]),
        "platform": take(platform, conversation),
        "direction": take(["outbound", "inbound"], inbound.astype(np.int64)),
        "body": where(inbound, theirs, ours),
        "sent_at": times(sent),
    }
    return conversations, messages


def _media(rng: np.random.Generator, voices: Voices, as_of: int) -> tuple[Table, Ints]:
    posted = np.sort(as_of - (rng.uniform(0.2, 760, MEDIA) * DAY).astype(np.int64))
    posted[0] = as_of - 800 * DAY
    item = take(voices.title, rng.integers(0, len(voices.title), MEDIA))
    table = {
        "media_id": number(17_900_000_000_000_000 + np.arange(MEDIA, dtype=np.int64) * 7919),
        "caption": texts.write(texts.CAPTIONS, rng.integers(0, len(texts.CAPTIONS), MEDIA), {"item": item}),
        "posted_at": times(posted),
    }
    return table, posted


def _comments(
    rng: np.random.Generator,
    records: Records,
    voices: Voices,
    row: Ints,
    at: Ints,
    media_id: Text,
    posted: Ints,
    seen: Sightings,
) -> Table:
    """Comments under one of the posts that were recent at the time."""
    seen.note(row, at)
    newest = np.searchsorted(posted, at, side="right") - 1
    chosen = np.maximum(newest - rng.geometric(0.4, len(at)) + 1, 0)
    slots = voices.slots(rng, records.person[row], at)
    return {
        "comment_id": number(18_000_000_000_000_000 + np.argsort(np.argsort(at, kind="stable")) * 6007),
        "media_id": take(media_id, chosen),
        "record_id": take(records.record_id, row),
        "body": texts.say(rng, texts.COMMENTS, slots),
        "commented_at": times(at),
    }


def _mentions(
    rng: np.random.Generator, records: Records, voices: Voices, row: Ints, at: Ints, seen: Sightings
) -> Table:
    seen.note(row, at)
    slots = voices.slots(rng, records.person[row], at)
    return {
        "post_id": number(1_800_000_000_000_000_000 + np.argsort(np.argsort(at, kind="stable")) * 8_388_608),
        "record_id": take(records.record_id, row),
        "body": texts.say(rng, texts.MENTIONS, slots),
        "posted_at": times(at),
    }
