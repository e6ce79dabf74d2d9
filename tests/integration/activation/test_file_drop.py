"""The file drop: who is in each file, what is in each row, and that nothing is written twice."""

from __future__ import annotations

import csv
import hashlib
import json
from datetime import UTC, datetime

import pytest

from activation.consent import GateRules, eligible
from activation.database import ActivationError
from activation.destinations.file_drop import FileDropConfig, drop_files
from activation.publish import publish

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
GRANTED = {"email": "granted", "sms": "granted"}


def people(world) -> None:
    vip = ["vip"]
    world.customer("c1", email="ada@mail.com", phone="+4791234567", consent=GRANTED, segments=vip)
    world.customer("c2", email="b@mail.com", phone="+4791234568", consent={"email": "granted"}, segments=vip)
    world.customer("c3", email="c@mail.com", consent={"email": "denied", "sms": "unknown"}, segments=vip)
    world.customer("c4", email="d@mail.com", consent={"email": "unknown"}, segments=vip)
    world.customer("c5", email="e@mail.com", segments=vip)
    world.customer("c6", email="f@mail.com", consent=GRANTED, segments=[*vip, "unhappy_recently"])
    world.customer("c7", email="g@mail.com", consent=GRANTED, segments=vip, strength=0.5)
    world.customer("c8", consent=GRANTED, segments=vip)
    world.customer(
        "c9", email="Buyer@mail.com", phone="+4791234569", segments=["recent_buyers_suppression"], strength=0.1
    )
    world.customer("c10", segments=["recent_buyers_suppression"])
    publish(world.connection, "r1", AS_OF)


def read(folder, segment) -> list[dict[str, str]]:
    with (folder / f"{segment}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_marketing_file_holds_only_who_agreed_and_only_on_the_channel_agreed(world, tmp_path) -> None:
    people(world)
    report = drop_files(world.connection, FileDropConfig(folder=tmp_path))
    rows = {row["customer_id"]: row for row in read(tmp_path, "vip")}
    assert set(rows) == {"c1", "c2"}
    assert (rows["c1"]["email"], rows["c1"]["phone"]) == ("ada@mail.com", "+4791234567")
    assert (rows["c2"]["email"], rows["c2"]["phone"]) == ("b@mail.com", ""), "no consent for text messages: no number"
    vip = next(file for file in report.files if file.segment == "vip")
    assert vip.excluded == {
        "consent_denied": 1,
        "consent_unknown": 2,
        "promotion_blocked": 1,
        "weak_link": 1,
        "no_contact_point": 1,
    }
    assert vip.rows + sum(vip.excluded.values()) == 8, "every member is in the file or has a reason"


def test_a_refusal_of_calls_keeps_the_number_back(world, tmp_path) -> None:
    consent = {"sms": "granted", "phone": "denied"}
    world.customer("c1", phone="+4791234567", consent=consent, segments=["vip"])
    publish(world.connection, "r1", AS_OF)
    report = drop_files(world.connection, FileDropConfig(folder=tmp_path))
    assert read(tmp_path, "vip") == []
    assert next(file for file in report.files if file.segment == "vip").excluded == {"consent_denied": 1}


def test_a_suppression_list_holds_for_everyone_and_gives_away_no_address(world, tmp_path) -> None:
    people(world)
    drop_files(world.connection, FileDropConfig(folder=tmp_path))
    rows = read(tmp_path, "recent_buyers_suppression")
    assert {row["customer_id"] for row in rows} == {"c9", "c10"}
    assert {"customer_id": "c9", "kind": "email", "sha256": hashlib.sha256(b"buyer@mail.com").hexdigest()} in rows
    assert set(rows[0]) == {"customer_id", "kind", "sha256"}
    assert "@" not in (tmp_path / "recent_buyers_suppression.csv").read_text()


def test_an_empty_segment_is_a_header(world, tmp_path) -> None:
    people(world)
    drop_files(world.connection, FileDropConfig(folder=tmp_path))
    text = (tmp_path / "cross_sell.csv").read_text()
    assert text.startswith("customer_id,email,phone,given_name,family_name,")
    assert text.count("\n") == 1


def test_a_segment_is_dropped_only_where_it_says_so(world, tmp_path) -> None:
    people(world)
    drop_files(world.connection, FileDropConfig(folder=tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "cross_sell.csv",
        "manifest.json",
        "recent_buyers_suppression.csv",
        "unhappy_recently.csv",
        "vip.csv",
    ]


def test_the_second_drop_touches_nothing_and_a_change_touches_one_file(world, tmp_path) -> None:
    people(world)
    config = FileDropConfig(folder=tmp_path)
    first = drop_files(world.connection, config)
    assert len(first.written) == 4
    stamps = {path.name: (path.stat().st_mtime_ns, path.stat().st_ino) for path in tmp_path.iterdir()}
    again = drop_files(world.connection, config)
    assert (again.written, again.unchanged) == ((), 4)
    assert {path.name: (path.stat().st_mtime_ns, path.stat().st_ino) for path in tmp_path.iterdir()} == stamps
    world.execute("update golden.consents set state = 'denied' where customer_id = 'c1'")
    publish(world.connection, "r2", AS_OF)
    assert drop_files(world.connection, config).written == ("vip",)
    assert {row["customer_id"] for row in read(tmp_path, "vip")} == {"c2"}


def test_a_file_lost_or_altered_is_written_again(world, tmp_path) -> None:
    people(world)
    config = FileDropConfig(folder=tmp_path)
    drop_files(world.connection, config)
    (tmp_path / "vip.csv").unlink()
    (tmp_path / "cross_sell.csv").write_text("customer_id\nsomeone\n")
    assert drop_files(world.connection, config).written == ("cross_sell", "vip")


def test_the_file_of_a_segment_that_is_gone_is_removed(world, tmp_path) -> None:
    people(world)
    config = FileDropConfig(folder=tmp_path)
    drop_files(world.connection, config)
    world.execute("delete from segments.segment_catalogue where segment = 'vip'")
    world.execute("delete from segments.segment_memberships where segment = 'vip'")
    publish(world.connection, "r2", AS_OF)
    assert drop_files(world.connection, config).removed == ("vip",)
    assert not (tmp_path / "vip.csv").exists()


def test_a_partial_file_of_a_killed_drop_is_swept(world, tmp_path) -> None:
    people(world)
    (tmp_path / ".vip.csv.partial").write_text("half")
    drop_files(world.connection, FileDropConfig(folder=tmp_path))
    assert not list(tmp_path.glob(".*"))


def test_a_formula_in_a_name_is_defused_and_the_phone_stays_a_phone(world, tmp_path) -> None:
    world.customer("c1", phone="+4791234567", consent=GRANTED, segments=["vip"], name='=HYPERLINK("http://x") +1')
    publish(world.connection, "r1", AS_OF)
    drop_files(world.connection, FileDropConfig(folder=tmp_path))
    (row,) = read(tmp_path, "vip")
    assert row["given_name"] == '\'=HYPERLINK("http://x")'
    assert row["family_name"] == "+1", "digits alone are no formula"
    assert row["phone"] == "+4791234567"


def test_the_manifest_tells_rows_reasons_and_digests(world, tmp_path) -> None:
    people(world)
    drop_files(world.connection, FileDropConfig(folder=tmp_path))
    files = {file["segment"]: file for file in json.loads((tmp_path / "manifest.json").read_text())["files"]}
    assert files["vip"]["rows"] == 2
    assert files["vip"]["purpose"] == "marketing"
    assert files["vip"]["excluded"]["consent_denied"] == 1
    assert files["vip"]["sha256"] == hashlib.sha256((tmp_path / "vip.csv").read_bytes()).hexdigest()
    assert (files["recent_buyers_suppression"]["rows"], files["recent_buyers_suppression"]["customers"]) == (3, 2)


def test_a_segment_name_cannot_leave_the_folder(world, tmp_path) -> None:
    row = ("../vip", "v", "v", "marketing", ["file_drop"], 0.9, 0)
    world.insert("segments.segment_catalogue", row)
    publish(world.connection, "r1", AS_OF)
    with pytest.raises(ActivationError, match="cannot be a file name"):
        drop_files(world.connection, FileDropConfig(folder=tmp_path))


def test_a_folder_that_cannot_be_written_is_named(world, tmp_path) -> None:
    people(world)
    (tmp_path / "file").write_text("")
    with pytest.raises(ActivationError, match="BRAID_FILE_DROP"):
        drop_files(world.connection, FileDropConfig(folder=tmp_path / "file"))


def test_the_gate_treats_an_unheard_purpose_as_marketing(world) -> None:
    people(world)
    world.execute("update segments.segment_catalogue set purpose = 'serviceish' where segment = 'vip'")
    publish(world.connection, "r2", AS_OF)
    with world.connection.transaction():
        assert eligible(world.connection, "vip", "email") == {"c1", "c2"}
        assert eligible(world.connection, "vip", "email", GateRules(promotion_blocked_by=())) == {"c1", "c2", "c6"}
        assert eligible(world.connection, "vip", "sms") == {"c1"}
        assert eligible(world.connection, "unhappy_recently", "email") == {"c6"}, "service needs no marketing consent"


def test_a_merge_narrows_the_gate(world) -> None:
    """The survivor's consent is what golden folded it to; nothing here may widen it again."""
    people(world)
    world.move("c3", "c1")
    world.execute("update golden.consents set state = 'denied' where customer_id = 'c1'")
    publish(world.connection, "r2", AS_OF)
    with world.connection.transaction():
        assert eligible(world.connection, "vip", "email") == {"c2"}


def test_before_the_first_publication_it_says_so(world, tmp_path) -> None:
    with pytest.raises(ActivationError, match="nothing is published yet"):
        drop_files(world.connection, FileDropConfig(folder=tmp_path / "drop"))
    assert not (tmp_path / "drop").exists()


def test_who_refuses_service_is_sent_none_and_silence_is_no_refusal(world) -> None:
    for name in ("c1", "c2"):
        world.customer(name, email=f"{name}@mail.com", segments=["unhappy_recently"])
    world.insert("golden.consents", ("c1", "email", "service", "denied", "{}"))
    publish(world.connection, "r1", AS_OF)
    assert eligible(world.connection, "unhappy_recently", "email") == frozenset({"c2"})
