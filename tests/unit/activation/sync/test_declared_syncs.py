"""Sync blocks in files: what is read, and what is said of a mistake, with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from activation.sync.declared import SyncProblems, read_syncs
from activation.sync.profile_paths import PATHS
from orchestration.dbt_manifest import PROJECT_DIR
from orchestration.declared_syncs import is_cron

GOOD = """\
destination: klaviyo_list
model: segment:vip
channel: email
purpose: marketing
options: {list: VIPs}
mapping:
  first_name: name.given
"""


def problems(folder: Path, text: str, name: str = "vips.yml") -> list[str]:
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(SyncProblems) as wrong:
        read_syncs(folder, is_cron)
    return str(wrong.value).splitlines()


def test_a_block_is_read_with_its_defaults(tmp_path: Path) -> None:
    (tmp_path / "vips.yml").write_text(GOOD)
    (declared,) = read_syncs(tmp_path, is_cron)
    block = declared.block
    assert (block.name, block.mode, block.key, block.schedule) == ("vips", "mirror", "customer_id", "after_publication")
    assert (block.segment, block.cap.removed, declared.kind.account) == ("vip", 0.2, "klaviyo")


@pytest.mark.parametrize(
    ("change", "line", "said"),
    [
        (
            ("klaviyo_list", "klavio_list"),
            1,
            "destination: there is no destination klavio_list; did you mean klaviyo_list?",
        ),
        (("segment:vip", "vip"), 2, "model: write customers, nobody, or segment:<name> such as segment:vip"),
        (("channel: email", "channel: pigeon"), 3, "channel: Input should be 'email', 'sms'"),
        (("channel: email", "channel: advertising"), 3, "channel: klaviyo_list has no channel advertising; use one of"),
        (("{list: VIPs}", "{lists: VIPs}"), 5, "options.lists: there is no field lists; did you mean list?"),
        (("options: {list: VIPs}\n", ""), 1, "options.list: this field is missing"),
        (
            ("name.given", "name.givn"),
            7,
            "mapping.first_name: there is no name.givn in a profile; did you mean name.given?",
        ),
        (("name.given", "primary.email"), 7, "primary.email leaves only by the gate"),
        (("name.given", "in_segment."), 7, "names nothing; write in_segment.<segment>"),
        (("channel: email", "channle: email"), 3, "there is no field channle; did you mean channel?"),
        (("purpose: marketing", "purpose: marketing\nkey: record:zendesk:user"), 5, "klaviyo_list takes no key"),
        (("purpose: marketing", "purpose: marketing\nschedule: at noon"), 5, "cron line such as 0 6 * * *"),
        (("purpose: marketing", "purpose: marketing\ncap: {removed: 2}"), 5, "cap.removed: Input should be less than"),
        (("purpose: marketing", "purpose: marketing\nname: others"), 5, "the name is that of the file: vips"),
        (("purpose: marketing", "purpose: marketing\npurpose: service"), 5, "purpose is said twice"),
        (("model: segment:vip", "model: nobody\nmode: append"), 3, "to take all back, the mode is mirror"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, change: tuple[str, str], line: int, said: str) -> None:
    assert change[0] in GOOD
    told = problems(tmp_path, GOOD.replace(*change))
    assert any(one.startswith(f"vips.yml:{line} ") or one.startswith(f"vips.yml:{line}:") for one in told), told
    assert any(said in one for one in told), told


def test_marketing_without_a_channel_is_told(tmp_path: Path) -> None:
    text = "destination: zendesk_users\nmodel: customers\nkey: record:zendesk:user\nchannel: none\npurpose: marketing\n"
    assert problems(tmp_path, text) == [
        "vips.yml:4 channel: marketing needs a channel: nobody agrees to marketing on none; name email, sms, …"
    ]


@pytest.mark.parametrize("text", ["", "- a list", "a: [", "just words"])
def test_what_is_no_block_is_told(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, text)[0].startswith("vips.yml:")


@pytest.mark.parametrize("name", ["profiles.yml", "file_drop.yml", "Vips.yml", "a b.yml"])
def test_a_name_that_cannot_be_is_told(tmp_path: Path, name: str) -> None:
    (told,) = problems(tmp_path, GOOD, name)
    assert told.startswith(f"{name}: ")


def test_every_problem_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("model: 1\n")
    assert len({one.split(":")[0] for one in problems(tmp_path, GOOD.replace("email", "post"), "ab.yml")}) == 2


def test_the_shipped_blocks_are_well_declared() -> None:
    shipped = {declared.block.name: declared.block for declared in read_syncs(PROJECT_DIR / "syncs", is_cron)}
    assert {"zendesk_users", "newsletter_klaviyo", "vip_meta", "contacts_salesforce"} <= set(shipped)
    segments = {path.stem for path in (PROJECT_DIR / "models" / "segments").rglob("seg_*.sql")}
    named = {f"seg_{block.segment}" for block in shipped.values() if block.segment}
    assert named <= segments


def test_paths_of_metrics_are_columns_of_the_mart() -> None:
    import yaml

    text = (PROJECT_DIR / "models/marts/customers/customer_metrics.yml").read_text()
    (model,) = (one for one in yaml.safe_load(text)["models"] if one["name"] == "customer_metrics")
    columns = {column["name"] for column in model["columns"]}
    assert {path.removeprefix("metrics.") for path in PATHS if path.startswith("metrics.")} <= columns
