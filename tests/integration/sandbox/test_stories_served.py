"""The look-alikes and the exports serve a world written by hand, on its first day and on its second."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from sandbox.serve import Sandbox, serve
from sandbox.stories import DAY_TWO, STORIES, retailer


@pytest.fixture(scope="module")
def stories():
    return [tell() for tell in STORIES.values()]


def streams(sandbox: Sandbox) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = httpx.get(f"{sandbox.url}/_sandbox/streams").json()
    return found


@pytest.mark.parametrize("letter", STORIES)
def test_each_story_alone_is_served(letter: str, tmp_path: Path) -> None:
    story = STORIES[letter]()
    for day in (1, 2):
        with serve(story.world(day), tmp_path / "state", files=tmp_path / "files") as sandbox:
            held = streams(sandbox)
        customers = [one for one in story.truth().values() for one in one if one.startswith("shopify:customer")]
        assert held["shopify"]["customers"] == len(customers)


def test_all_stories_beside_generated_people(stories, tmp_path: Path) -> None:
    with serve(retailer(stories), tmp_path / "state", files=tmp_path / "files") as sandbox:
        held = streams(sandbox)
        payloads = [
            str(row.payload) for vendor in sandbox.vendors.by_name.values() for one in vendor.streams.values()
            for row in one
        ]  # fmt: skip
        environment = sandbox.environment()
    assert held["shopify"]["orders"] > 200
    assert environment["BRAID_FILES"] == str((tmp_path / "files").resolve())
    text = "\n".join([*payloads, *(path.read_text() for path in (tmp_path / "files").rglob("*") if path.is_file())])
    for story in stories:
        for person in story.people.values():
            assert person.person_id not in text
            for record in person.records:
                assert record.split(":", 2)[2] in text
    assert "SHOES15" in text and "#903001" in text


def test_the_next_day_is_served_at_the_same_address(stories, tmp_path: Path) -> None:
    with serve(retailer(stories, day=1), tmp_path / "state", files=tmp_path / "files") as sandbox:
        before, url, told = streams(sandbox), sandbox.url, sandbox.environment()
        notes = (tmp_path / "files" / "store" / "notes.csv").stat().st_mtime_ns
        calls = (tmp_path / "files" / "contact_centre" / "contacts.csv").read_text()
        sandbox.advance(retailer(stories, day=2))
        after = streams(sandbox)
        assert sandbox.url == url
        assert after["shopify"]["orders"] == before["shopify"]["orders"] + 2
        assert sandbox.environment() == told | {"BRAID_AS_OF": DAY_TWO.isoformat()}
        assert (tmp_path / "files" / "store" / "notes.csv").stat().st_mtime_ns == notes
        later = (tmp_path / "files" / "contact_centre" / "contacts.csv").read_text()
        assert len(later.splitlines()) == len(calls.splitlines()) + 2


def test_what_was_written_to_a_vendor_outlives_the_day(stories, tmp_path: Path) -> None:
    with serve(retailer(stories, day=1, filler=0), tmp_path / "state") as sandbox:
        fault = {"vendor": "shopify", "kind": "status", "status": 503}
        httpx.post(f"{sandbox.url}/_sandbox/faults", content=json.dumps(fault)).raise_for_status()
        told = sandbox.environment()
        desk = (f"{told['BRAID_ZENDESK__EMAIL']}/token", told["BRAID_ZENDESK__API_TOKEN"])
        fields = f"{sandbox.url}/zendesk/api/v2/user_fields.json"
        field = {"user_field": {"type": "text", "key": "braid_customer_id", "title": "Braid"}}
        httpx.post(fields, json=field, auth=desk).raise_for_status()
        sandbox.advance(retailer(stories, day=2, filler=0))
        kept = httpx.get(fields, auth=desk).json()["user_fields"]
        assert [one["key"] for one in kept] == ["braid_customer_id"]
        assert httpx.get(f"{sandbox.url}/_sandbox/faults").json() == {"faults": []}
        assert "BRAID_FILES" not in sandbox.environment()
