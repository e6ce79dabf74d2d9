"""Marks and tombstones: every spelling of an address is one mark, and a tombstone says nothing without its key."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activation.database import ActivationError
from activation.privacy.marks import EMAIL, RECORD, THING, Mark, Naming, email_mark, handle_mark, phone_mark
from activation.privacy.raw_streams import RAW_STREAMS
from activation.privacy.tombstones import TombstoneKey, found_among

KEY = TombstoneKey(b"k" * 32)


def naming(**said: object) -> Naming:
    nothing = dict.fromkeys(
        ("own", "people", "links", "emails", "phones", "handles", "country", "thing", "part_of", "interaction")
    )
    return Naming(**{"record_key": "1", **nothing, **said})  # type: ignore[arg-type]


@given(
    name=st.from_regex(r"[a-z]{3,10}\.[a-z]{3,10}", fullmatch=True),
    tag=st.from_regex(r"(\+[a-z0-9]{1,8})?", fullmatch=True),
    upper=st.booleans(),
    wrapped=st.sampled_from(["{}", "Ann <{}>", "mailto:{}", " {} "]),
)
def test_every_spelling_of_an_address_is_one_mark(name: str, tag: str, upper: bool, wrapped: str) -> None:
    plain = f"{name}@shop.example"
    spelled = f"{name}{tag}@shop.example"
    written = wrapped.format(spelled.upper() if upper else spelled)
    mark = email_mark(plain)
    if mark is None:  # a word that stands for nobody, such as example
        return
    assert email_mark(written.replace("MAILTO:", "mailto:")) == mark


def test_a_number_is_read_in_its_country_and_in_the_default_one() -> None:
    at_home = naming(phones=["020 7183 8750"], country="United Kingdom").marks("US")
    assert Mark("phone", "+442071838750") in at_home
    assert phone_mark("(020) 7183-8750", "GB") == Mark("phone", "+442071838750")
    assert phone_mark("0000000000", "GB") is None


def test_handles_are_of_their_platform() -> None:
    assert handle_mark("Instagram:@Ada.L") == handle_mark("instagram:ada.l") == Mark("instagram", "ada.l")
    assert handle_mark("x:ada.l") != handle_mark("instagram:ada.l")
    assert handle_mark("x:@") is None


def test_lists_may_be_missing_and_may_hold_nothing() -> None:
    assert naming(people=[None, "x:user:1"], emails=None, phones=[None, ""]).marks("US") == {Mark(RECORD, "x:user:1")}


@given(
    kind=st.sampled_from([RECORD, EMAIL, THING]), value=st.text(min_size=1, max_size=40), other=st.binary(min_size=16)
)
def test_a_tombstone_tells_nothing_without_its_key(kind: str, value: str, other: bytes) -> None:
    digest = KEY.digest(Mark(kind, value))
    assert len(digest) == 32
    assert digest == KEY.digest(Mark(kind, value))
    assert (TombstoneKey(other).digest(Mark(kind, value)) == digest) == (other == KEY.secret)
    assert value not in repr(Mark(kind, value)) or len(value) < 3 or value in kind or value in "Mark(kind=)'"
    assert "kkkk" not in repr(KEY)


def test_a_record_or_a_thing_says_more_than_an_address() -> None:
    marks = [Mark(EMAIL, "a@b.example"), Mark(RECORD, "zendesk:user:1"), Mark(THING, "zendesk:ticket:1")]
    graves = {KEY.digest(mark): f"of {mark.kind}" for mark in marks}
    assert found_among(graves, KEY, marks) == ("of thing", THING)
    assert found_among(graves, KEY, marks[:2]) == ("of record", RECORD)
    assert found_among(graves, KEY, [Mark(EMAIL, "other@b.example")]) is None


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    assert TombstoneKey.read(tmp_path, None) is None
    made = TombstoneKey.made(tmp_path / "home", None)
    assert TombstoneKey.made(tmp_path / "home", None) == TombstoneKey.read(tmp_path / "home", None) == made
    assert stat.S_IMODE((tmp_path / "home" / "privacy.key").stat().st_mode) == 0o600
    assert TombstoneKey.read(tmp_path / "home", "another secret of mine") != made
    with pytest.raises(ActivationError, match="too short"):
        TombstoneKey.read(tmp_path, "short")


def test_what_others_hang_on_is_looked_at_before_what_hangs_on_it() -> None:
    """One pass over the streams is enough: a ticket is known before its comments."""
    made: set[str] = set()
    for stream in RAW_STREAMS:
        if not stream.part_of.startswith("null::"):
            kind = (
                stream.part_of.partition("'")[2].partition("'")[0] if "case" not in stream.part_of else "files:thread:"
            )
            assert kind in made | {_kind(stream.thing)}, stream.name
        made.add(_kind(stream.thing))


def _kind(thing: str) -> str:
    return thing.partition("'")[2].partition("'")[0]
