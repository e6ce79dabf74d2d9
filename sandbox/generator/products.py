"""What the retailer sells: six categories of fashion, games and things for the home."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np

from sandbox.generator.columns import DAY, Text, join, number, pool, times
from sandbox.generator.draw import Ints, stream

CATEGORIES: Final = ("Womenswear", "Menswear", "Footwear", "Games", "Kitchen", "Home decor")
_KINDS: Final = (
    ("Linen, Wool, Silk, Cotton, Denim", "Dress, Blouse, Skirt, Cardigan, Coat, Trousers, Scarf, Jumper"),
    ("Oxford, Wool, Flannel, Cotton, Corduroy", "Shirt, Jacket, Chinos, Pullover, Overshirt, Waistcoat, Tie, Polo"),
    ("Leather, Suede, Canvas, Trail, Court", "Boots, Trainers, Loafers, Sandals, Brogues, Slippers, Clogs, Sneakers"),
    (
        "Harbour, Dragon, Orchard, Galaxy, Castle",
        "Board Game, Card Game, Puzzle 1000, Dice Set, Video Game, Expansion, Quiz Box, Miniatures",
    ),
    (
        "Stoneware, Copper, Oak, Enamel, Glass",
        "Bowl, Saucepan, Chopping Board, Teapot, Mug Set, Carafe, Casserole, Tray",
    ),
    ("Brass, Rattan, Velvet, Marble, Paper", "Lamp, Cushion, Candle Holder, Mirror, Vase, Throw, Frame, Side Table"),
)
_VENDORS: Final = ("Fieldmouse", "North & Thread", "Cobble Lane", "Lantern Works", "Hearthside", "Brassica")
_CHEAPEST: Final = (2500, 2900, 4500, 1200, 1500, 1800)
_DEAREST: Final = (16000, 18000, 19000, 7500, 12000, 24000)


@dataclass(frozen=True)
class Catalogue:
    """Every product, category after category, the same number in each."""

    columns: dict[str, Text]
    product_id: Text
    price_cents: Ints
    per_category: int

    def draw(self, rng: np.random.Generator, category: Ints) -> Ints:
        """A product of each category, the best sellers more often."""
        return category * self.per_category + (self.per_category * rng.random(len(category)) ** 1.8).astype(np.int64)


def draw_catalogue(seed: int, as_of: int) -> Catalogue:
    """The catalogue, with prices that end in .99 or .50."""
    rng = stream(seed, "products")
    titles = [f"{a} {b}" for adjectives, nouns in _KINDS for a, b in product(adjectives.split(", "), nouns.split(", "))]
    per_category = len(titles) // len(CATEGORIES)
    position = np.arange(len(titles), dtype=np.int64)
    category = position // per_category
    cheapest, dearest = np.array(_CHEAPEST)[category], np.array(_DEAREST)[category]
    price = (cheapest + (dearest - cheapest) * rng.random(len(titles)) ** 2).astype(np.int64) // 100 * 100
    price = price + rng.choice(np.array([50, 99]), len(titles))
    product_id = number(8_000_000_000_000 + position * 32_768)
    columns = {
        "product_id": product_id,
        "title": pool(titles),
        "category": pool([CATEGORIES[c] for c in category]),
        "vendor": pool([_VENDORS[c] for c in category]),
        "sku": join(pool([CATEGORIES[c][:3].upper() for c in category]), "-", number(1000 + position)),
        "price": price / 100.0,
        "created_at": times(as_of - rng.integers(760, 1400, len(titles)) * DAY),
    }
    return Catalogue(columns, product_id, price, per_category)
