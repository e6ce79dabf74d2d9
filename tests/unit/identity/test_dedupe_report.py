"""The report shows what was read and decided, works offline, and shows nobody's data unless asked."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pyarrow as pa
import pytest

from identity.pipeline import Resolution, resolve
from identity.recognise import RecognisedTable, recognise
from identity.report import Source, report_html
from identity.report.html import text
from identity.settings import IdentitySettings

GIVEN = ["Augustina", "Bertrand", "Clementine", "Dorothea", "Evangeline", "Frederick", "Gwendolyn", "Hieronymus"]
FAMILY = ["Abernathy", "Blackwood", "Carmichael", "Delacroix", "Eisenhower", "Fairweather", "Goldsmith"]
EVIL = "<script>alert(1)</script>"


def _people() -> pa.Table:
    """Each person twice, once with a misspelt name; a family shares one e-mail address."""
    rows = []
    for number in range(56):
        given, family = GIVEN[number % 8], FAMILY[number % 7]
        birth = f"19{50 + number % 40}-0{number % 9 + 1}-1{number % 10}"
        email = f"{given}.{family}.{number}@Bigmail.org" if number % 14 else "household@Bigmail.org"
        rows.append({"id": f"{number}a", "first name": given, "surname": family, "email": email, "dob": birth})
        rows.append(
            {
                "id": f"{number}b",
                "first name": given,
                "surname": f"{family[:-1]}x",
                "email": email.lower(),
                "dob": birth,
            }
        )
    rows.append({"id": "evil", "first name": EVIL, "surname": "Zed", "email": None, "dob": None})
    return pa.Table.from_pylist(rows)


@pytest.fixture(scope="module")
def run() -> tuple[RecognisedTable, Resolution]:
    recognised = recognise(_people(), "id")
    resolution = resolve(
        recognised.records,
        previous=None,
        ledger=None,
        run_id="test",
        now=datetime(2026, 1, 1, tzinfo=UTC),
        settings=IdentitySettings(),
    )
    return recognised, resolution


def _report(run: tuple[RecognisedTable, Resolution], *, show_values: bool = False) -> str:
    recognised, resolution = run
    source = Source("people <1>.csv", 113, recognised.columns, ("it was read as latin-1",))
    return report_html((source,), recognised.records, resolution, {"reading": 0.25}, show_values=show_values)


def _without_scripts(page: str) -> str:
    return re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)


class _Outline(HTMLParser):
    """Open tags, headings, tables without caption, links and ids."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[str] = []
        self.tables = self.captions = 0
        self.anchors: set[str] = set()
        self.ids: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br", "link", "img"):
            self.open.append(tag)
        if tag in ("h1", "h2", "h3"):
            self.headings.append(tag)
        self.tables += tag == "table"
        self.captions += tag == "caption"
        for name, value in attributes:
            if name == "href":
                self.anchors.add((value or "").removeprefix("#"))
            if name == "id":
                self.ids.append(value or "")
            if name == "src" or (tag == "link" and name == "href"):
                self.loads.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_loads_nothing(run: tuple[RecognisedTable, Resolution]) -> None:
    page = _report(run)
    outline = _Outline()
    outline.feed(_without_scripts(page))
    assert outline.open == []
    assert outline.loads == []
    assert "default-src 'none'" in page
    assert outline.headings[0] == "h1"
    assert outline.headings.count("h1") == 1
    assert outline.tables == outline.captions > 10
    assert outline.anchors <= set(outline.ids)
    assert len(outline.ids) == len(set(outline.ids))


def test_it_has_every_chart_and_section(run: tuple[RecognisedTable, Resolution]) -> None:
    page = _report(run)
    charts = set(re.findall(r"charts\.push\(\['chart-([\w-]+)'", page))
    assert charts == {"completeness", "match-weights", "m-u", "threshold", "weights", "sizes"}
    for section in ("summary", "inputs", "model", "pairs", "components", "shared", "timings"):
        assert f'id="{section}"' in page
    assert "people &lt;1&gt;.csv" in page
    assert "It was read as latin-1." in page
    # The family's address stands on records of four people.
    assert re.search(r"<th scope=\"row\">email</th><td>[^<]*</td><td class=\"number\">8</td>", page)


def test_values_are_masked_unless_asked_for(run: tuple[RecognisedTable, Resolution]) -> None:
    masked, shown = _report(run), _report(run, show_values=True)
    personal = [*GIVEN, *FAMILY, "bigmail.org", "household@", EVIL]
    assert [value for value in personal if value.casefold() in masked.casefold()] == []
    assert any(value in shown for value in GIVEN)
    assert "household@bigmail.org" in shown
    assert "keep it where they may be kept" in shown


def test_nothing_in_the_data_becomes_markup(run: tuple[RecognisedTable, Resolution]) -> None:
    assert EVIL not in _report(run, show_values=True)
    assert text(EVIL) == "&lt;script&gt;alert(1)&lt;/script&gt;"
    assert text([None, "a&b"]) == "–; a&amp;b"
    assert text("x" * 1000).endswith(" …")


def test_expected_quality_follows_the_threshold(run: tuple[RecognisedTable, Resolution]) -> None:
    page = _report(run)
    start = page.index("<caption>Customers and expected quality by threshold")
    rows = re.findall(r"<tr><th scope=\"row\">(-?[\d.]+)</th>(.*?)</tr>", page[start : page.index("</table>", start)])
    cells = [[float(cell.replace(",", "")) for cell in re.findall(r">([\d.,]+)</td>", row)] for _, row in rows]
    pairs, customers, precision, recall = (list(column) for column in zip(*cells, strict=True))
    assert [float(bits) for bits, _ in rows] == sorted(float(bits) for bits, _ in rows)
    assert pairs == sorted(pairs, reverse=True)
    assert customers == sorted(customers)
    assert precision == sorted(precision)
    assert recall == sorted(recall, reverse=True)
    in_use = next(row for (bits, _), row in zip(rows, cells, strict=True) if float(bits) == 2.0)
    assert in_use[1] == run[1].summary["customers"]
