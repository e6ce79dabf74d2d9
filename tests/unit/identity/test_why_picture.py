"""The picture of a customer: well-formed, complete, the same every time, and silent about values when masked."""

from __future__ import annotations

from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest

from identity.why.case import Case
from identity.why.customer import explain_customer
from identity.why.drawing import MOST_RECORDS, draw
from identity.why.layout import fit, stress_layout
from identity.why.picture import picture
from tests.unit.identity.why_case import told, world

SVG = "{http://www.w3.org/2000/svg}"


def crowd(records: int) -> Case:
    """A customer of two halves of strongly tied records, tied by one edge; and a neighbour."""
    ids = [f"t:p:{number:03}" for number in range(records)]
    halves = (ids[: records // 2], ids[records // 2 :])
    edges = {pair: 12.0 for half in halves for pair in combinations(half, 2)}
    near = ("t:p:000", "t:p:zzz")
    all_edges = {**edges, (halves[0][-1], halves[1][0]): 3.0, near: 1.0}
    return told({"cus_a": ids, "cus_b": ["t:p:zzz"]}, {near: {"given_name": 8}}, all_edges)


def drawn(case: Case, customer: str, *, show_values: bool = False) -> ElementTree.Element:
    return ElementTree.fromstring(picture(*explain_customer(case, customer, show_values=show_values)))


def test_it_parses_and_holds_every_record_and_edge() -> None:
    page = drawn(crowd(8), "cus_a")
    text = "".join(page.itertext())
    assert all(f"t:p:{number:03}" in text for number in range(8))
    (svg,) = page.iter(f"{SVG}svg")
    assert svg.get("role") == "img"
    described = {element.get("id") for element in svg if element.tag in (f"{SVG}title", f"{SVG}desc")}
    assert set((svg.get("aria-labelledby") or "").split()) == described
    lines = [line.get("class") for line in svg.iter(f"{SVG}line")]
    assert (lines.count("held"), lines.count("cut"), lines.count("near")) == (12, 1, 1)
    # The side of the cut that would come off is squares: told without colour.
    assert (len(list(svg.iter(f"{SVG}rect"))), len(list(svg.iter(f"{SVG}circle")))) == (4, 5)
    marks = {mark.text for mark in svg.iter(f"{SVG}text") if mark.get("class") == "mark"}
    assert marks == {*(str(number) for number in range(1, 9)), "A"}


def test_thicker_is_more_bits() -> None:
    case = told({"cus_a": ["t:p:1", "t:p:2", "t:p:3"]}, {}, {("t:p:1", "t:p:2"): 20.0, ("t:p:2", "t:p:3"): 4.0})
    widths = [float(line.get("stroke-width") or 0) for line in drawn(case, "cus_a").iter(f"{SVG}line")]
    assert sorted(widths) == widths[:] or sorted(widths, reverse=True) == widths
    assert len(set(widths)) == 2


def test_nothing_comes_from_outside_and_nothing_runs() -> None:
    page = drawn(crowd(8), "cus_a")
    tags = {element.tag.rpartition("}")[2] for element in page.iter()}
    assert not tags & {"script", "img", "link", "iframe", "image", "use", "a"}
    assert not [name for element in page.iter() for name in element.attrib if "href" in name or name.startswith("on")]


def test_masked_it_tells_no_value() -> None:
    customer = world().customer_of["test:person:0"]
    masked = picture(*explain_customer(world(), customer)).casefold()
    values = ["zebulon", "quackenbush", "zeb.q", "harbourpost", "2025550143", "1984-05-06", "20500"]
    assert [value for value in values if value in masked] == []
    shown = picture(*explain_customer(world(), customer, show_values=True)).casefold()
    assert "zebulon quackenbush" in shown


def test_values_are_text_and_never_markup() -> None:
    case = crowd(4)
    names = [f"<script>alert('{number}')</script>\x00&" for number in range(case.records.num_rows)]
    odd = case.records.set_column(case.records.column_names.index("full_name"), "full_name", [names])
    nasty = Case(odd, case.customers, case.edges, case.frozen, case.compare)
    page = drawn(nasty, "cus_a", show_values=True)
    assert "script" not in {element.tag.rpartition("}")[2] for element in page.iter()}
    assert "<script>" in "".join(page.itertext())


def test_the_same_customer_has_the_same_picture() -> None:
    case = crowd(9)
    backwards = case.edges.take(np.arange(case.edges.num_rows)[::-1])
    again = Case(case.records, case.customers, backwards, case.frozen, case.compare)
    assert picture(*explain_customer(again, "cus_a")) == picture(*explain_customer(case, "cus_a"))


def test_a_large_customer_is_summarised() -> None:
    explanation, anatomy = explain_customer(crowd(MOST_RECORDS + 40), "cus_a")
    drawing = draw(explanation, anatomy)
    assert drawing.summarised
    assert len(drawing.nodes) <= 25
    assert sum(node.records for node in drawing.nodes if not node.neighbour) == MOST_RECORDS + 40
    assert [edge.kind for edge in drawing.edges].count("cut") == 1
    text = "".join(ElementTree.fromstring(picture(explanation, anatomy)).itertext())
    assert all(f"t:p:{number:03}" in text for number in range(MOST_RECORDS + 40))


@pytest.mark.parametrize("nodes", [0, 1, 2, 12, 70])
def test_labels_have_room(nodes: int) -> None:
    edges = [(0, other) for other in range(1, nodes)]
    place = fit(stress_layout(nodes, edges, [1.0] * len(edges)), 1000, 380 + 14 * nodes, (110, 50), (100.0, 50.0))
    assert np.isfinite(place).all()
    gaps = np.abs(place[:, np.newaxis] - place[np.newaxis])
    overlaps = ((gaps < np.array([60.0, 30.0])).all(axis=2) & ~np.eye(nodes, dtype=bool)).sum()
    assert overlaps == 0
