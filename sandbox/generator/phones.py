"""Phone numbers that are valid in the plan of their country, and the disguises in which people write them."""

from __future__ import annotations

from typing import Final

import numpy as np

from sandbox.generator.columns import Text, choose, join, number, piece, take, where
from sandbox.generator.draw import Ints, spread_numbers
from sandbox.generator.places import gazetteer

CALLING_CODES: Final = ("1", "44", "49", "33", "30", "34", "81")
_EXCHANGES: Final = np.array([n for n in range(200, 990) if n % 100 != 11 and n != 555])
_LENGTHS: Final = np.array([10, 10, 10, 9, 10, 9, 9])
_GB_MOBILE: Final = [f"{n}" for n in range(7400, 7456)]
_DE_MOBILE: Final = ["151", "152", "157", "160", "170", "171", "172", "173", "174", "175", "176", "177", "178", "179"]
JUNK: Final = ("000-0000", "123456", "0000000000", "1111111111", "n/a", "555-5555", "1234567890")


def mobiles(country: Ints, city: Ints, owner: Ints, offset: int) -> Text:
    """A national number for each owner, different for different owners of one country."""
    seven, eight = _digits(owner, 7, offset), _digits(owner, 8, offset)
    return choose(
        country,
        _american(city, owner, offset),
        join(take(_GB_MOBILE, owner % len(_GB_MOBILE)), piece(eight, 2)),
        where(owner % 14 < 3, join(take(_DE_MOBILE, owner % 14), eight), join(take(_DE_MOBILE, owner % 14), seven)),
        join(take(["60", "61", "62", "64", "65", "66", "67", "68"], owner % 8), seven),
        join(take(["690", "693", "694", "697", "698"], owner % 5), seven),
        join(take(["60", "61", "62", "63", "64", "65", "66"], owner % 7), seven),
        join(take(["901", "802", "703", "904", "805"], owner % 5), seven),
    )


def landlines(country: Ints, city: Ints, owner: Ints, offset: int) -> Text:
    """A national number of a fixed line for each owner."""
    start = take(gazetteer().area_code, city)
    by_length = [join(start, _digits(owner, length, offset)) for length in range(5, 9)]
    lengths = np.array([len(text) for text in gazetteer().area_code.to_pylist()])
    rest = np.clip(_LENGTHS[country] - lengths[city], 5, 8) - 5
    return where(country == 0, _american(city, owner, offset), choose(rest, *by_length))


def international(country: Ints, national: Text) -> Text:
    """E.164."""
    return join("+", take(CALLING_CODES, country), national)


def disguised(rng: np.random.Generator, country: Ints, national: Text) -> Text:
    """The number as people write it; national formats make sense only beside the country."""
    size = len(country)
    code = take(CALLING_CODES, country)
    a, b, c = piece(national, 0, 3), piece(national, 3, 6), piece(national, 6)
    american = choose(
        rng.integers(0, 8, size),
        join("(", a, ") ", b, "-", c),
        join(a, "-", b, "-", c),
        join(a, ".", b, ".", c),
        national,
        join("1-", a, "-", b, "-", c),
        join("+1 ", a, " ", b, " ", c),
        join("(", a, ") ", b, "-", c, " x", number(rng.integers(10, 999, size))),
        join("+1", national),
    )
    trunk = where(np.isin(country, (4, 5)), "", "0")
    other = choose(
        rng.integers(0, 6, size),
        join(trunk, a, " ", b, " ", c),
        join(trunk, national),
        join("+", code, " ", a, " ", b, " ", c),
        join("00", code, national),
        join("+", code, "-", a, "-", b, c),
        join(trunk, a, "/", b, c),
    )
    return where(country == 0, american, other)


def _american(city: Ints, owner: Ints, offset: int) -> Text:
    line = spread_numbers(owner, len(_EXCHANGES) * 10_000, offset)
    return join(take(gazetteer().area_code, city), number(_EXCHANGES[line // 10_000]), number(line % 10_000, 4))


def _digits(owner: Ints, width: int, offset: int) -> Text:
    space = 10**width
    return number(spread_numbers(owner % space, space, offset % space), width)
