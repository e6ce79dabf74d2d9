"""Rates: never more in a minute than a key may, over all workers, and the wait that is told is enough."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from activation.api.limits import RateLimiter

GAPS = st.lists(st.floats(0, 70, allow_nan=False), min_size=1, max_size=120)


class Clock:
    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@given(st.integers(1, 20), GAPS)
def test_no_aligned_minute_grants_more_than_the_rate(rate, gaps) -> None:
    clock = Clock()
    limiter = RateLimiter(clock=clock)
    granted: dict[int, int] = {}
    for gap in gaps:
        clock.now += gap
        if limiter.take(7, rate).granted:
            granted[int(clock.now // 60)] = granted.get(int(clock.now // 60), 0) + 1
    assert max(granted.values()) <= rate


@given(st.integers(1, 20), GAPS)
def test_who_waits_as_told_is_let_in(rate, gaps) -> None:
    clock = Clock()
    limiter = RateLimiter(clock=clock)
    for gap in gaps:
        clock.now += gap
        turn = limiter.take(7, rate)
        if not turn.granted:
            assert 1 <= turn.retry_after <= 120
            clock.now += turn.retry_after
            assert limiter.take(7, rate).granted


def test_a_burst_may_use_the_whole_minute_and_no_more() -> None:
    clock = Clock()
    limiter = RateLimiter(clock=clock)
    turns = [limiter.take(1, 5) for _ in range(7)]
    assert [turn.granted for turn in turns] == [True] * 5 + [False] * 2
    assert [turn.remaining for turn in turns] == [4, 3, 2, 1, 0, 0, 0]
    clock.now += 60
    assert not limiter.take(1, 5).granted, "the minute before still counts when the next begins"
    clock.now += 30
    assert [limiter.take(1, 5).granted for _ in range(3)] == [True, True, False]


def test_keys_do_not_spend_each_others_requests() -> None:
    limiter = RateLimiter(clock=Clock())
    assert limiter.take(1, 1).granted
    assert limiter.take(2, 1).granted
    assert not limiter.take(1, 1).granted


def test_workers_count_together(tmp_path) -> None:
    clock = Clock()
    workers = [RateLimiter(tmp_path, clock) for _ in range(3)]
    granted = [workers[number % 3].take(9, 10).granted for number in range(30)]
    assert sum(granted) == 10
    late = RateLimiter(tmp_path, clock)
    assert not late.take(9, 10).granted
    workers[0].close()
    clock.now += 120
    assert late.take(9, 10).granted
    for limiter in (*workers[1:], late):
        limiter.close()
    assert list(tmp_path.iterdir()) == []


def test_the_headers_say_what_is_left() -> None:
    turn = RateLimiter(clock=Clock(1_800_000_000 + 18)).take(1, 100)
    assert dict(turn.headers) == {b"ratelimit-policy": b'"minute";q=100;w=60', b"ratelimit": b'"minute";r=99;t=42'}
