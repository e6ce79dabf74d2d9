"""The OpenAPI document is kept: whatever is asked with whichever key, every answer is one that it documents.

Questions are made by schemathesis from the document itself: its examples, which here lead to people that exist, values
that fit the document, and values that do not.
"""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from pydantic import SecretStr
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from activation.access.keys import create_key
from activation.access.scopes import Scope
from activation.api.app import create_app
from activation.api.config import ApiConfig
from tests.integration.activation.conftest import World
from tests.integration.activation.serving.conftest import furnish

KEPT = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
_MOST = 6  # questions of each kind, per operation and key


@pytest.mark.parametrize("scope", [*Scope, None])
def test_every_answer_is_documented(scope: Scope | None, world: World, warehouse: Any, serve: Any) -> None:
    furnish(world)
    headers = {"Authorization": "Bearer braid_unknown"}
    if scope is not None:
        key = create_key(world.connection, "schemathesis", frozenset({scope}), rate_limit=100_000).key
        headers = {"Authorization": f"Bearer {key}"}
    url = serve(create_app(ApiConfig(conninfo=SecretStr(warehouse.address.conninfo))))
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    asked: dict[str, set[int]] = {}
    for found in schema.get_all_operations():
        operation = found.ok()
        statuses = asked.setdefault(operation.label, set())
        for case in _one_parameter_each(operation):
            statuses.add(case.call_and_validate(headers=headers, checks=KEPT).status_code)
        strategies = [*operation.get_strategies_from_examples(), operation.as_strategy(GenerationMode.POSITIVE)]
        if operation.body or list(operation.iter_parameters()):
            strategies.append(operation.as_strategy(GenerationMode.NEGATIVE))
        for strategy in strategies:
            _ask(strategy, headers, statuses)
    if scope is Scope.ADMIN:
        never = {label for label, statuses in asked.items() if 200 not in statuses and label.startswith("GET")}
        assert never == set(), "no question reached the answer"


def _one_parameter_each(operation: Any) -> list[Any]:
    """The example of each parameter of a query alone, and none: some may not be given together."""
    path = {one.name: _example(one) for one in operation.path_parameters}
    queries = [{}, *({one.name: _example(one)} for one in operation.query)]
    return [operation.Case(path_parameters=path, query=query) for query in queries] if operation.method == "get" else []


def _example(parameter: Any) -> Any:
    schema = parameter.definition["schema"]
    return next(one["examples"][0] for one in (schema, *schema.get("anyOf", [])) if "examples" in one)


def _ask(strategy: Any, headers: dict[str, str], statuses: set[int]) -> None:
    @settings(
        max_examples=_MOST,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def ask(case: Any) -> None:
        response = case.call_and_validate(headers=headers, checks=KEPT)
        statuses.add(response.status_code)

    ask()
