"""A wrong line in a seed that people edit stops the run, and the run says which line and why."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration.warehouse import Warehouse

Dbt = Callable[..., subprocess.CompletedProcess[str]]
PROJECT = Path(__file__).parents[3] / "dbt_project"


class Edited:
    """A copy of the project whose seeds are edited and built as a person would."""

    def __init__(self, folder: Path, warehouse: Warehouse, dbt: Dbt) -> None:
        self.folder, self.warehouse, self.dbt = folder, warehouse, dbt
        shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("target", "logs"))

    def edit(self, seed: str, *changes: tuple[str, str]) -> None:
        file = self.folder / "seeds" / f"{seed}.csv"
        text = file.read_text()
        for old, new in changes:
            assert text.count(f"\n{old}") == 1, old
            text = text.replace(f"\n{old}", f"\n{new}")
        file.write_text(text)

    def build(self) -> str:
        done = self.dbt(
            self.warehouse, "build", "--select", "survivorship_rules", "source_priorities", "consent_states",
            "attribute_rules", "consent_rules", "--exclude", "resource_type:test", "test_type:unit",
            "--project-dir", str(self.folder),
        )  # fmt: skip
        return done.stdout if done.returncode else ""


@pytest.mark.slow
def test_a_wrong_line_is_named(warehouse: Warehouse, dbt: Dbt, tmp_path: Path) -> None:
    project = Edited(tmp_path / "project", warehouse, dbt)
    assert project.build() == ""

    project.edit(
        "survivorship_rules",
        ("family_name,name,most_frequent", "given_name,name,most_frequent"),
        ("email,email,", "emial,email,"),
        ("phone,phone,", "phone,name,"),
        ("city,address,most_recent", "city,address,newest"),
        ("region,address,most_recent,false", "region,address,most_recent,maybe"),
        ("postcode,address,most_recent", "postcode,address,most_frequent"),
        ("language,language,most_recent,true,true", "language,language,most_recent,true,false"),
    )
    told = project.build()
    for line, problem in (
        (3, 'attribute "given_name" has more than one line'),
        (4, 'attribute "given_name" has more than one line'),
        (5, 'attribute "emial" is none that golden knows: full_name, '),
        (6, 'attribute "phone" must be a unit of its own'),
        (8, 'rule "newest" is none of source_priority, most_recent, '),
        (9, 'is_essential is "maybe", not true or false'),
        (10, 'unit "address" is chosen by most_frequent here and by most_recent on line 7'),
        (16, 'unit "language" has no part with is_compared true'),
    ):
        assert f"survivorship_rules.csv line {line}: {problem}" in told, told
    assert told.count("survivorship_rules.csv line ") % 8 == 0, told
    assert "Correct the file and run `dbt seed`" in told

    shutil.copy(PROJECT / "seeds" / "survivorship_rules.csv", project.folder / "seeds")
    project.edit(
        "source_priorities",
        ("*,zendesk,user,30", "*,zendesk,user,high"),
        ("x_handle,x,user,1", "xhandle,x,user,1"),
    )
    project.edit(
        "consent_states",
        ("salesforce,email_opt_out,true,email,marketing,denied", "salesforce,email_opt_out,true,email,marketing,no"),
        ("salesforce,do_not_call,true,phone,marketing", "salesforce,do_not_call,true,telephone,marketing"),
        ("salesforce,do_not_call,true,phone,service", "salesforce,do_not_call,true,phone,support"),
        ("shopify,email_marketing_state,PENDING,", "shopify,email_state,PENDING,"),
    )
    told = project.build()
    for file, line, problem in (
        ("source_priorities", 4, 'priority "high" is no whole number'),
        ("source_priorities", 11, 'unit "xhandle" is no unit of survivorship_rules.csv'),
        ("consent_states", 2, 'state "no" is none of granted, denied, unknown'),
        ("consent_states", 5, 'channel "telephone" is none of email, sms, phone, whatsapp, advertising'),
        ("consent_states", 6, 'purpose "support" is none of marketing, service'),
        ("consent_states", 20, 'field "shopify.email_state" is none of salesforce.email_opt_out, '),
    ):
        assert f"{file}.csv line {line}: {problem}" in told, told
