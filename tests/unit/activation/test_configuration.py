"""Configuration is frozen, and a typo in it is an error."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from activation.api.config import ApiConfig
from activation.consent import GateRules
from activation.destinations.file_drop import FileDropConfig
from activation.destinations.vendor_client import RetryPolicy
from activation.destinations.zendesk_users import ZendeskUsersConfig

GIVEN = {
    ApiConfig: {"conninfo": "password=hidden"},
    GateRules: {},
    FileDropConfig: {"folder": "out"},
    RetryPolicy: {},
    ZendeskUsersConfig: {"url": "http://z", "email": "a", "api_token": "hidden"},
}


@pytest.mark.parametrize("model", GIVEN)
def test_frozen_strict_and_discreet(model: type[BaseModel]) -> None:
    built = model.model_validate(GIVEN[model])
    with pytest.raises(ValidationError):
        setattr(built, next(iter(model.model_fields)), "other")
    with pytest.raises(ValidationError, match="Extra inputs"):
        model.model_validate({**GIVEN[model], "typo": 1})
    assert "hidden" not in repr(built)
