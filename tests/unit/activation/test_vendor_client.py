"""What a vendor says, read without harm: when to wait, and why it refused, without the people in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from activation.destinations.vendor_client import retry_after, without_personal_data


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(None, None), ("7", 7), ("0.5", 0.5), ("-3", 0), ("soon", None), ("nan", None), ("inf", None)],
)
def test_retry_after_in_seconds(header, seconds) -> None:
    assert retry_after(header) == seconds


def test_retry_after_as_a_date() -> None:
    later = datetime.now(UTC) + timedelta(seconds=60)
    assert 50 < retry_after(format_datetime(later, usegmt=True)) <= 60
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Email: ada@lovelace.org is taken", "Email: <e-mail> is taken"),
        ("phone +47 912 34 567 is odd", "phone <number> is odd"),
        ("Name 'Ada Lovelace' is too long", "Name <value> is too long"),
        ('Name "Ada Lovelace" is too long', "Name <value> is too long"),
        ("422: RecordInvalid", "422: RecordInvalid"),
    ],
)
def test_a_reason_is_kept_and_the_person_is_not(said, kept) -> None:
    assert without_personal_data(said) == kept


@given(st.text(), st.emails(), st.text())
@example("", "'@A.Aq", "")
def test_no_address_survives(before: str, address: str, after: str) -> None:
    assert address not in without_personal_data(f"{before} {address} {after}")
    assert len(without_personal_data(before * 50)) <= 300
