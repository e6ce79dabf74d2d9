"""The social inbox and what listening found: posts to the brand and about it, each with how it sounds."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from sandbox.generator import texts as writing
from sandbox.generator.columns import HOUR, Text, blank, flat, join, lower, number, take, times, where
from sandbox.generator.draw import Flags, Ints, chance, counts, repeat_each, stream, weighted
from sandbox.generator.moments import after, between
from sandbox.generator.systems import INSTAGRAM, X
from sandbox.generator.touch import texts
from sandbox.generator.touch.past import Past, Table
from sandbox.generator.touch.people_records import first_and_last, written

NETWORKS: Final = ("instagram", "x", "facebook")
TYPES: Final = ("message", "comment", "mention", "listening")
_MESSAGE, _LISTENING = 0, 3
_TYPE_WEIGHTS: Final = (34, 26, 20, 20)


def draw_listening(seed: int, past: Past) -> tuple[dict[str, Table], pa.Table]:
    """The table social_posts, and the profiles that wrote them."""
    rng = stream(seed, "listening")
    everyone, now = past.everyone, past.now
    who, network = _profiles(rng, past)
    username = _usernames(past, who, network)
    at, _ = repeat_each(1 + counts(rng, 0.8, len(who)))
    person = who[at]
    posted = between(rng, everyone.joined[person], np.minimum(everyone.until[person], now - HOUR), 0.7)
    kind = weighted(rng, _TYPE_WEIGHTS, len(at))
    slots = past.voices.slots(rng, np.minimum(person, past.people.count - 1), posted)
    slots["order"] = blank(person >= past.people.count, slots["order"])
    slots |= {"email": take(everyone.email, person), "phone": take(everyone.phone, person)}
    is_direct = kind == _MESSAGE
    post, direct = writing.fitting(rng, slots, texts.POSTS), writing.fitting(rng, slots, texts.DIRECT)
    sounds = np.where(is_direct, np.array(texts.DIRECT_SENTIMENTS)[direct], np.array(texts.POST_SENTIMENTS)[post])
    tone = np.clip(sounds + rng.normal(0, 0.08, len(at)), -1, 1)
    answered = (kind != _LISTENING) & chance(rng, 0.5, len(at))
    replied = np.minimum(after(rng, posted, 5, 5), now)
    source = np.r_[np.arange(len(at)), np.flatnonzero(answered)]
    moment = np.r_[posted, replied[answered]]
    order = np.argsort(moment, kind="stable")
    source, moment, inbound = source[order], moment[order], (order < len(at))
    size = len(source)
    body = where(is_direct, writing.write(texts.DIRECT, direct, slots), writing.write(texts.POSTS, post, slots))
    reply = take(texts.POST_REPLIES, rng.integers(0, len(texts.POST_REPLIES), size))
    native_id = join(take(NETWORKS, network), "/", username)
    seen = first_and_last(at[source], len(who), moment)
    profiles = written(
        ("sprout", "profile"),
        native_id,
        who,
        everyone,
        seen,
        platform=take(NETWORKS, network),
        username=username,
        full_name=_display_names(rng, past, who, username),
    )
    of = at[source]
    return {
        "social_posts": {
            "post_id": join("sp", number(610_000_001 + np.arange(size, dtype=np.int64))),
            "thread_id": blank(kind[source] != _MESSAGE, join("sc", number(310_000_001 + source))),
            "record_id": take(profiles["record_id"].combine_chunks(), of),
            "network": take(NETWORKS, network[of]),
            "type": take(TYPES, kind[source]),
            "direction": take(["outbound", "inbound"], inbound.astype(np.int64)),
            "body": where(inbound, take(body, source), reply),
            "sentiment": pa.array(np.round(tone[source], 2), mask=~inbound),
            "posted_at": times(moment),
        }
    }, profiles


def _profiles(rng: np.random.Generator, past: Past) -> tuple[Ints, Ints]:
    """Whose profile, and on which network; of newcomers a few."""
    count, known = past.everyone.count, past.everyone.known
    of_newcomers = np.arange(count) >= known
    there: list[Flags] = []
    for kind, share, new in ((INSTAGRAM, 0.4, 0.1), (X, 0.6, 0.1)):
        has_account = np.r_[past.records_of(kind) >= 0, np.zeros(count - known, dtype=bool)]
        there.append(chance(rng, np.where(of_newcomers, new, np.where(has_account, share, 0.003)), count))
    there.append(chance(rng, 0.02, count))
    network, who = (some.astype(np.int64) for some in np.nonzero(np.array(there)))
    return who, network


def _usernames(past: Past, who: Ints, network: Ints) -> Text:
    names = (past.everyone.instagram, past.everyone.x)
    page = join(lower(take(past.everyone.given, who)), ".", number(who))
    return where(network == 0, take(names[0], who), where(network == 1, take(names[1], who), page))


def _display_names(rng: np.random.Generator, past: Past, who: Ints, username: Text) -> Text:
    full = join(take(past.everyone.given, who), " ", take(past.everyone.family, who))
    style = weighted(rng, (60, 20, 20), len(who))
    return flat(where(style == 0, full, where(style == 1, take(past.everyone.given, who), username)))
