"""Reviewing in the warehouse: a sample is drawn, judged at the terminal or in a file, and answers are judgements."""

from __future__ import annotations

import csv
import json
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from orchestration.cli import app

if TYPE_CHECKING:
    from click.testing import Result

    from tests.integration.orchestration.conftest import IdentityRoom

ADA = "ada"


def review(room: IdentityRoom, *arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, ["identity", "review", *arguments], env=room.environment, input=typed)


def done(result: Result) -> str:
    assert result.exit_code == 0, result.stderr
    return result.output


def judged(room: IdentityRoom) -> list[dict[str, object]]:
    return [row for row in room.store.judgements.every().to_pylist() if row["origin"] == "review"]


@pytest.fixture
def sampled(busy_room: IdentityRoom) -> IdentityRoom:
    """Forty people in two systems, and 40 pairs to judge."""
    done(review(busy_room, "draw", "--labels", "40", "--seed", "3", "--by", ADA))
    return busy_room


def filled_in(sheet: Path) -> list[dict[str, str]]:
    """The exported sheet with the verdicts of somebody who knows: a person's records share their number."""
    with sheet.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        numbers = {row[side].rpartition(":")[2] for side in ("record_id_a", "record_id_b")}
        row["verdict"] = "Same " if len(numbers) == 1 else "d"
    return rows


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_an_answer_at_the_terminal_is_a_judgement_and_the_next_session_goes_on(sampled: IdentityRoom) -> None:
    shown = done(review(sampled, "--by", ADA, typed="x\ns\nd\nu\nq\n"))
    assert "1 of 40" in shown
    assert "Please type one of" in shown
    assert "bits" in shown
    assert "Stopped after 3 of 40" in shown
    rows = judged(sampled)
    assert [row["verdict"] for row in rows] == ["same", "different", "unsure"]
    assert {row["judged_by"] for row in rows} == {ADA}
    assert any(row["match_weight"] is not None and row["model_id"] for row in rows)
    assert "4 of 40" in done(review(sampled, "--by", ADA, typed="q\n"))
    # The end of the input is the end of the session.
    assert "Stopped after 3 of 40" in done(review(sampled, "--by", ADA, typed=""))


def test_a_file_is_labelled_elsewhere_and_says_how_good_identity_is(sampled: IdentityRoom, tmp_path: Path) -> None:
    sheet = tmp_path / "to_do.csv"
    assert "40 pairs written" in done(review(sampled, "export", str(sheet)))
    assert stat.S_IMODE(sheet.stat().st_mode) == 0o600
    rows = filled_in(sheet)
    assert any(row["emails_a"] and row["emails_b"] for row in rows)
    values = [value for row in rows for name, value in row.items() if name.endswith(("_a", "_b"))]
    assert not any(value.startswith(("=", "+", "-", "@")) for value in values)
    back = write(tmp_path / "done.csv", rows)
    assert "40 answers added" in done(review(sampled, "import", str(back), "--by", ADA))
    report = done(review(sampled, "report", "--level", "0.9"))
    assert "90% interval" in report
    assert "merged" in report
    assert "random" in report
    proposal = tmp_path / "proposal.json"
    done(review(sampled, "calibrate", "--out", str(proposal)))
    fragment = json.loads(proposal.read_text())
    assert fragment["slope"] > 0
    assert fragment["model_id"]
    assert "Every pair of the sample has been asked about" in done(review(sampled, "--by", ADA))
    groups = sampled.groups()
    assert sampled.run().success
    assert sampled.groups() == groups, "right answers change nothing"


def test_a_file_with_a_wrong_line_is_not_read_at_all(sampled: IdentityRoom, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    done(review(sampled, "export", str(sheet)))
    rows = filled_in(sheet)
    for line, changed, words in (
        (3, {"verdict": "perhaps"}, "line 5: no verdict"),
        (2, {"record_id_a": "nobody:at:all"}, "line 4: a pair that is not in the queue"),
        (1, dict(rows[0]), "line 3: a pair that an earlier line has"),
        (0, {"sample": "sample-of-yesterday"}, "line 2: of another sample"),
    ):
        wrong = [row | (changed if number == line else {}) for number, row in enumerate(rows)]
        result = review(sampled, "import", str(write(tmp_path / "wrong.csv", wrong)), "--by", ADA)
        assert result.exit_code == 1
        assert words in " ".join(result.stderr.split())
        assert judged(sampled) == []
    result = review(sampled, "import", str(tmp_path / "none.csv"))
    assert result.exit_code == 1
    assert "cannot be read" in result.stderr


def test_what_was_judged_is_known_and_not_asked_again(sampled: IdentityRoom, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    done(review(sampled, "export", str(sheet)))
    rows = filled_in(sheet)
    done(review(sampled, "import", str(write(tmp_path / "done.csv", rows)), "--by", ADA))
    done(review(sampled, "draw", "--labels", "40", "--seed", "3", "--by", ADA))
    done(review(sampled, "export", str(sheet)))
    asked = {(row["record_id_a"], row["record_id_b"]) for row in rows}
    assert not asked & {(row["record_id_a"], row["record_id_b"]) for row in filled_in(sheet)}


def test_nothing_to_review_is_said(room: IdentityRoom) -> None:
    for arguments in (["report"], ["export", "a.csv"], ["calibrate"]):
        result = review(room, *arguments)
        assert result.exit_code == 1
        assert "no sample has been drawn yet" in result.stderr
    result = review(room, "draw", "--by", ADA)
    assert result.exit_code == 1
    assert "no run has published customers yet" in " ".join(result.stderr.split())


def test_too_few_answers_are_said(sampled: IdentityRoom) -> None:
    done(review(sampled, "--by", ADA, typed="s\nq\n"))
    result = review(sampled, "report")
    assert result.exit_code == 1
    assert "19 more are needed" in result.stderr
