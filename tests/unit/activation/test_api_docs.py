"""What support tools copy is true: the page names every endpoint and status, the sidebar keeps the key to Zendesk."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from activation.api.app import create_app
from activation.api.config import ApiConfig

DOCS = Path(__file__).parents[3] / "docs"
SIDEBAR = DOCS / "examples/zendesk_sidebar"


@pytest.fixture(scope="module")
def operations() -> dict[str, dict]:
    document = create_app(ApiConfig(conninfo=SecretStr("host=nowhere"))).openapi()
    return {path: methods["get"] for path, methods in document["paths"].items() if "get" in methods}


def test_the_page_names_every_endpoint_and_every_parameter(operations: dict[str, dict]) -> None:
    page = (DOCS / "api.md").read_text()
    for path, operation in operations.items():
        assert path in page, path
        for parameter in operation.get("parameters", []):
            assert parameter["name"] in page, (path, parameter["name"])


def test_the_table_of_errors_is_what_the_endpoints_document(operations: dict[str, dict]) -> None:
    table = (DOCS / "api.md").read_text().partition("## Errors")[2].partition("##")[0]
    documented = {status for operation in operations.values() for status in operation["responses"]} - {"200"}
    assert set(re.findall(r"^\| (\d{3}) \|", table, re.MULTILINE)) == documented


def test_every_parameter_and_answer_has_an_example(operations: dict[str, dict]) -> None:
    for path, operation in operations.items():
        for parameter in operation.get("parameters", []):
            schema = parameter["schema"]
            options = [schema, *schema.get("anyOf", [])]
            assert "example" in parameter or any("examples" in one for one in options), (path, parameter["name"])
        for status, response in operation["responses"].items():
            for media_type, content in response.get("content", {}).items():
                if path.startswith("/v1/"):
                    assert {"example", "examples"} & set(content), (path, status, media_type)


def test_the_key_of_the_sidebar_never_reaches_a_browser() -> None:
    manifest = json.loads((SIDEBAR / "manifest.json").read_text())
    key = next(one for one in manifest["parameters"] if one["name"] == "api_key")
    assert key["secure"]
    assert manifest["domainWhitelist"]
    page = (SIDEBAR / "assets/iframe.html").read_text()
    assert "secure: true" in page
    assert "{{setting.api_key}}" in page
    assert "settings.api_key" not in page


def test_the_sidebar_shows_text_as_text_and_asks_what_there_is(operations: dict[str, dict]) -> None:
    page = (SIDEBAR / "assets/iframe.html").read_text()
    assert not re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", page)
    assert set(re.findall(r'"(/v1/[^"]*)"', page)) <= set(operations)
    manifest = json.loads((SIDEBAR / "manifest.json").read_text())
    assert (SIDEBAR / manifest["location"]["support"]["ticket_sidebar"]["url"]).is_file()
    words = json.loads((SIDEBAR / "translations/en.json").read_text())["app"]
    assert set(words["parameters"]) == {one["name"] for one in manifest["parameters"]}
