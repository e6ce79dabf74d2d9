# ruff: noqa: SIM905 - lists of words stay readable as text
"""Where people live: countries, cities, streets and postcodes of seven countries."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Final

import numpy as np
import pyarrow as pa

from sandbox.generator.columns import Text, choose, join, number, pool, take, where
from sandbox.generator.draw import Floats, Ints, chance, skewed, weighted_by

COUNTRIES: Final = ("US", "GB", "DE", "FR", "GR", "ES", "JP")
COUNTRY_WEIGHTS: Final = (62, 11, 8, 6, 5, 4, 4)
LANGUAGES: Final = ("en", "en", "de", "fr", "el", "es", "ja")
# country by culture: english german french spanish greek russian arabic chinese japanese indian
CULTURE_WEIGHTS: Final[Floats] = np.array(
    [
        [62, 2, 2, 16, 1, 3, 3, 5, 2, 4],
        [80, 0, 0, 0, 2, 2, 5, 3, 0, 8],
        [2, 80, 0, 0, 3, 7, 8, 0, 0, 0],
        [0, 0, 82, 4, 0, 0, 14, 0, 0, 0],
        [3, 0, 0, 0, 93, 4, 0, 0, 0, 0],
        [4, 0, 0, 91, 0, 0, 5, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 4, 96, 0],
    ],
    dtype=float,
)

# city | region | start of the postcode | start of a landline's national number
_CITIES: Final = {
    "US": """New York|NY|100|212;Los Angeles|CA|900|213;Chicago|IL|606|312;Houston|TX|770|713;
Phoenix|AZ|850|602;Philadelphia|PA|191|215;San Antonio|TX|782|210;San Diego|CA|921|619;Dallas|TX|752|214;
San Jose|CA|951|408;Austin|TX|787|512;Jacksonville|FL|322|904;Fort Worth|TX|761|817;Columbus|OH|432|614;
Charlotte|NC|282|704;San Francisco|CA|941|415;Indianapolis|IN|462|317;Seattle|WA|981|206;Denver|CO|802|303;
Washington|DC|200|202;Boston|MA|021|617;El Paso|TX|799|915;Nashville|TN|372|615;Detroit|MI|482|313;
Oklahoma City|OK|731|405;Portland|OR|972|503;Las Vegas|NV|891|702;Memphis|TN|381|901;Louisville|KY|402|502;
Baltimore|MD|212|410;Milwaukee|WI|532|414;Albuquerque|NM|871|505;Tucson|AZ|857|520;Fresno|CA|937|559;
Sacramento|CA|958|916;Kansas City|MO|641|816;Atlanta|GA|303|404;Omaha|NE|681|402;Colorado Springs|CO|809|719;
Raleigh|NC|276|919;Miami|FL|331|305;Oakland|CA|946|510;Minneapolis|MN|554|612;Tulsa|OK|741|918;Tampa|FL|336|813;
New Orleans|LA|701|504;Cleveland|OH|441|216;Honolulu|HI|968|808;Saint Louis|MO|631|314;Pittsburgh|PA|152|412;
Cincinnati|OH|452|513;Boise|ID|837|208;Richmond|VA|232|804;Des Moines|IA|503|515;Salt Lake City|UT|841|801;
Buffalo|NY|142|716;Hartford|CT|061|860;Providence|RI|029|401""",
    "GB": """London||SW|207;Birmingham||B|1212;Manchester||M|1612;Leeds||LS|1132;Glasgow||G|1412;
Sheffield||S|1142;Bristol||BS|1172;Edinburgh||EH|1312;Leicester||LE|1162;Cardiff||CF|292;Nottingham||NG|1159;
Liverpool||L|1512;Oxford||OX|18652;York||YO|19042""",
    "DE": """Berlin||10|305;Hamburg||20|405;München||80|895;Köln||50|2215;Frankfurt am Main||60|695;
Stuttgart||70|7115;Düsseldorf||40|2115;Leipzig||04|3415;Dortmund||44|2315;Bremen||28|4215;Dresden||01|3515;
Hannover||30|5115;Nürnberg||90|9115""",
    "FR": """Paris||75|15;Marseille||13|45;Lyon||69|45;Toulouse||31|55;Nice||06|45;Nantes||44|25;
Strasbourg||67|35;Montpellier||34|45;Bordeaux||33|55;Lille||59|35;Rennes||35|25""",
    "GR": """Athina||104|2102;Thessaloniki||546|2312;Patra||262|2612;Irakleio||712|2812;Larisa||412|2412;
Volos||382|2422;Ioannina||454|2656;Chania||731|2822;Kavala||654|2512""",
    "ES": """Madrid||28|915;Barcelona||08|935;Valencia||46|965;Sevilla||41|955;Zaragoza||50|9765;Málaga||29|955;
Bilbao||48|945;Granada||18|9585""",
    "JP": """Tokyo||150|35;Osaka||530|65;Yokohama||220|455;Nagoya||460|525;Sapporo||060|115;Kyoto||600|755;
Fukuoka||810|925""",
}

_TYPES: Final = ("Street", "Avenue", "Road", "Lane", "Drive", "Court", "Boulevard", "Place")
_SHORT: Final = ("St", "Ave", "Rd", "Ln", "Dr", "Ct", "Blvd", "Pl")
_STREETS: Final = {
    "english": [a + b for a, b in product(
        "Oak Maple Cedar Elm Birch Spring River Lake Hill Mill Church Park Stone Rose Willow Chestnut King".split(),
        ["", "wood", "field", "view", "brook", "mont", "dale", " Hill", " Ridge", " Creek"])],
    "german": [a + b for a, b in product(
        "Linden Garten Bahnhof Schul Berg Wald Kirch Mühlen Rosen Goethe Schiller Haupt Birken Ring".split(),
        ["straße", "weg", "allee", "platz", "gasse"])],
    "french": [f"{a} {b}" for a, b in product(
        ["rue de la", "avenue de la", "boulevard de la", "place de la", "chemin de la"],
        "République Fontaine Gare Liberté Mairie Paix Victoire Forêt Plage Tour Colline Chapelle".split())],
    "greek": [f"{a} {b}".strip() for a, b in product(
        ["Odos", "Leoforos", "Plateia"],
        "Ermou Athinas Stadiou Panepistimiou Kifisias Syngrou Tsimiski Egnatia Mitropoleos Aristotelous".split())],
    "spanish": [f"{a} {b}" for a, b in product(
        ["Calle", "Avenida", "Plaza", "Paseo"],
        ["Mayor", "Real", "de la Luna", "del Sol", "de Goya", "San Juan", "del Prado", "Nueva", "Serrano"])],
    "japanese": [f"{a}{b}" for a, b in product(
        "Shibu Ueno Ginza Kanda Meguro Naka Saka Hama Minami Higashi".split(), ["-cho", "-machi", "-dori", "gaoka"])],
}  # fmt: skip
_STYLE: Final = ("english", "english", "german", "french", "greek", "spanish", "japanese")
_LETTERS: Final = [a + b for a, b in product("ABDEFGHJLNPQRSTUWXYZ", repeat=2)]


@dataclass(frozen=True)
class Gazetteer:
    """Cities one after the other, country by country."""

    name: Text
    region: Text
    postcode_start: Text
    area_code: Text
    starts: Ints
    sizes: Ints

    def draw(self, rng: np.random.Generator, country: Ints) -> Ints:
        """A city of each country, large ones more often."""
        return self.starts[country] + skewed(rng, self.sizes[country], 1.7, len(country))


@dataclass(frozen=True)
class Addresses:
    """One address per row; `short_street` is the same street with its type abbreviated."""

    country: Ints
    city: Ints
    street: Text
    short_street: Text
    postcode: Text

    def take(self, rows: Ints) -> Addresses:
        """The addresses of those rows."""
        return Addresses(
            self.country[rows],
            self.city[rows],
            take(self.street, rows),
            take(self.short_street, rows),
            take(self.postcode, rows),
        )

    def replace(self, rows: Ints, fresh: Addresses) -> Addresses:
        """These addresses, with the rows given replaced by fresh ones."""
        source = np.arange(len(self.country))
        source[rows] = len(self.country) + np.arange(len(rows))
        both = [
            pa.concat_arrays([old, new])
            for old, new in (
                (self.street, fresh.street),
                (self.short_street, fresh.short_street),
                (self.postcode, fresh.postcode),
            )
        ]
        return Addresses(
            np.r_[self.country, fresh.country][source],
            np.r_[self.city, fresh.city][source],
            take(both[0], source),
            take(both[1], source),
            take(both[2], source),
        )


@lru_cache(maxsize=1)
def gazetteer() -> Gazetteer:
    """Every city."""
    rows = [[c.strip().split("|") for c in _CITIES[country].split(";")] for country in COUNTRIES]
    every = [city for some in rows for city in some]
    sizes = np.array([len(some) for some in rows], dtype=np.int64)
    return Gazetteer(
        pool([city[0] for city in every]),
        pool([city[1] or None for city in every]),
        pool([city[2] for city in every]),
        pool([city[3] for city in every]),
        np.cumsum(sizes) - sizes,
        sizes,
    )


def draw_cultures(rng: np.random.Generator, country: Ints) -> Ints:
    """A culture for each country, as its people are mixed."""
    return weighted_by(rng, CULTURE_WEIGHTS, country)


def draw_addresses(rng: np.random.Generator, country: Ints, city: Ints) -> Addresses:
    """An address in each city."""
    size = len(country)
    street, short = _streets(rng, country)
    start = take(gazetteer().postcode_start, city)
    digits = rng.integers(0, 10_000, size)
    british = join(
        start,
        number(1 + digits % 20),
        " ",
        number(1 + digits % 9),
        take(_LETTERS, rng.integers(0, len(_LETTERS), size)),
    )
    two, three = number(digits % 100, 2), number(digits % 1000, 3)
    postcode = choose(
        country,
        join(start, two),
        british,
        join(start, three),
        join(start, "0", two),
        join(start, " ", two),
        join(start, three),
        join(start, "-", number(digits, 4)),
    )
    return Addresses(country, city, street, short, postcode)


def _streets(rng: np.random.Generator, country: Ints) -> tuple[Text, Text]:
    size = len(country)
    house = number(1 + skewed(rng, 400, 2.0, size) + 1000 * chance(rng, 0.15, size))
    names = [name for style in _STREETS.values() for name in style]
    lengths = np.array([len(style) for style in _STREETS.values()])
    style = np.array([list(_STREETS).index(s) for s in _STYLE])[country]
    name = take(names, (np.cumsum(lengths) - lengths)[style] + skewed(rng, lengths[style], 1.3, size))
    kind = skewed(rng, len(_TYPES), 1.5, size)
    flat = where(chance(rng, 0.18, size) & (country == 0), join(" Apt ", number(rng.integers(1, 60, size))), "")
    english = [join(house, " ", name, " ", take(types, kind), flat) for types in (_TYPES, _SHORT)]
    number_last = join(name, " ", house)
    is_english, is_french = np.isin(country, (0, 1)), country == 3
    other = where(is_french, join(house, " ", name), number_last)
    return where(is_english, english[0], other), where(is_english, english[1], other)
