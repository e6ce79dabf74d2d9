"""What of a block says where its rows go, kind by kind."""

from __future__ import annotations

from typing import Any

import pytest

from activation.destinations.kind import NoOptions, nothing_more
from activation.destinations.registry import KINDS
from activation.sync.block import SyncBlock
from activation.sync.target import target_of


def block(destination: str, options: dict[str, Any], **more: Any) -> SyncBlock:
    return SyncBlock.model_validate(
        {"name": "vips", "destination": destination, "model": "customers", "channel": "email", "purpose": "marketing"}
        | {"options": options}
        | more
    )


@pytest.mark.parametrize(
    ("destination", "former", "declared"),
    [
        ("klaviyo_list", {"list": "A"}, {"list": "B"}),
        ("hubspot_list", {"list": "A"}, {"list": "B"}),
        ("meta_audience", {"audience": "A"}, {"audience": "B"}),
        ("meta_audience", {}, {"audience": "B"}),
        ("meta_audience", {"audience": "A"}, {"audience_id": "12"}),
        ("google_customer_match", {"user_list": "A"}, {"user_list": "B"}),
        ("google_customer_match", {"user_list_id": "1"}, {"user_list_id": "2"}),
        ("salesforce_contacts", {}, {"external_id": "Other_Id__c"}),
        ("webhook", {}, {"path": "/other"}),
        ("file_drop", {}, {"file": "other"}),
        ("file_drop", {}, {"format": "parquet"}),
        ("file_drop", {"url": "s3://one/x"}, {"url": "s3://two/x"}),
    ],
)
def test_another_place_is_another_target(destination, former, declared) -> None:
    assert target_of(block(destination, former)) != target_of(block(destination, declared))


@pytest.mark.parametrize(
    ("destination", "former", "declared"),
    [
        ("meta_audience", {}, {"audience": "Braid vips"}),
        ("meta_audience", {}, {"description": "ours", "customer_file_source": "PARTNER_PROVIDED_ONLY"}),
        ("google_customer_match", {}, {"user_list": "Braid vips"}),
        ("google_customer_match", {}, {"job_wait": 1, "api": "data_manager", "consent": "unspecified"}),
        ("google_customer_match", {}, {"membership_days": 30, "description": "ours"}),
        ("webhook", {}, {"type": "other.kind", "batch": 1, "max_bytes": 2048}),
        ("file_drop", {}, {"file": "vips", "format": "csv"}),
    ],
)
def test_how_rows_go_and_what_is_so_anyway_does_not_count(destination, former, declared) -> None:
    assert target_of(block(destination, former)) == target_of(block(destination, declared))


def test_kind_and_key_count() -> None:
    options = {"list": "A"}
    assert target_of(block("klaviyo_list", options)) != target_of(block("hubspot_list", options))
    by_record = block("webhook", {}, key="record:shopify:customer")
    assert target_of(block("webhook", {})) != target_of(by_record)
    assert str(target_of(by_record)) == "webhook (key: record:shopify:customer)"


def test_the_rest_of_a_block_does_not_count() -> None:
    changed = block("klaviyo_list", {"list": "A"}, mapping={"first_name": "name.given"}, mode="append", model="nobody")
    assert target_of(changed) == target_of(block("klaviyo_list", {"list": "A"}))


def test_a_contact_that_salesforce_has_is_not_looked_for_by_our_field() -> None:
    key = {"key": "record:salesforce:contact", "channel": "none", "purpose": "service"}
    assert target_of(block("salesforce_contacts", {"external_id": "Other_Id__c"}, **key)).where == {}


def test_no_password_is_remembered() -> None:
    target = target_of(block("file_drop", {"url": "sftp://ada:secret@files.example/x"}))
    assert "secret" not in str(target) and "sftp://files.example/x" in str(target)


def test_every_kind_with_options_says_which_of_them_are_a_place() -> None:
    silent = {name for name, kind in KINDS.items() if kind.options is not NoOptions and kind.where is nothing_more}
    assert silent == set()
