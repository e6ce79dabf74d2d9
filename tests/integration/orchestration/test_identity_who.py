"""`braid identity who`, from the warehouse and the state that the last run left."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from click.testing import Result

    from tests.integration.orchestration.conftest import IdentityRoom


def said(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.stdout


def test_somebody_known_is_named_with_the_reasons(busy_room: IdentityRoom) -> None:
    customer = busy_room.customers()["shopify:customer:3"]
    asked = ("who", "--name", "dorothea erxleben", "--email", "dorothea.erxleben3@mail.example")
    text = said(busy_room.braid(*asked))
    assert f"It is customer {customer}." in text
    assert "same e-mail address" in text
    told = json.loads(said(busy_room.braid(*asked, "--json")))
    assert told["customer_id"] == customer
    assert told["is_sure"]
    assert told["candidates"][0]["match_probability"] > 0.9


def test_nobody_known_is_nobody_and_nothing_told_is_refused(busy_room: IdentityRoom) -> None:
    assert "nobody that we know" in said(busy_room.braid("who", "--name", "Xiomara Zzyzxwell"))
    refused = busy_room.braid("who")
    assert refused.exit_code == 1
    assert "tell at least one thing" in refused.stderr


def test_without_a_state_it_says_what_to_do(busy_room: IdentityRoom) -> None:
    (Path(busy_room.environment["BRAID_HOME"]) / "identity" / "matching.duckdb").unlink()
    refused = busy_room.braid("who", "--email", "a.person@mail.example")
    assert refused.exit_code == 1
    assert "there is no state of matching" in refused.stderr
    assert "Traceback" not in refused.output
