"""Checks of identity's result that block publication: no record lost, no customer implausibly large, no dead id."""

from collections.abc import Iterator

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetChecksDefinition,
    AssetCheckSeverity,
    AssetCheckSpec,
    multi_asset_check,
)

RECORD_CUSTOMERS = ["identity", "record_customers"]
LARGEST_CUSTOMER = 200
"""Records in one customer above which a run is more likely to have chained people than to have met a busy one."""

_CHECKS = {
    "every_record_in_one_customer": (
        "Every source record has exactly one customer, and no customer holds a record that is gone.",
        """
        select count(*) as n
        from identity.identity_records as r
        full join identity.record_customers as c using (record_id)
        where r.record_id is null or c.record_id is null
        """,
    ),
    "no_implausibly_large_customer": (
        f"No customer holds more than {LARGEST_CUSTOMER} records.",
        f"""
        select count(*) as n
        from (select 1 from identity.record_customers group by customer_id having count(*) > {LARGEST_CUSTOMER}) as c
        """,
    ),
    "every_customer_id_is_live": (
        "Every customer id in use was minted, and has not been merged away or retired since.",
        """
        with last_word as (
            select distinct on (customer_id) customer_id, event
            from identity.customer_ledger
            where event in ('minted', 'revived', 'merged', 'retired')
            order by customer_id asc, event_number desc
        )
        select count(distinct c.customer_id) as n
        from identity.record_customers as c
        left join last_word as l using (customer_id)
        where l.event is null or l.event not in ('minted', 'revived')
        """,
    ),
}


def build_identity_checks() -> list[AssetChecksDefinition]:
    """The checks, all on `identity/record_customers`, all blocking."""

    @multi_asset_check(
        name="identity_checks",
        specs=[
            AssetCheckSpec(name, asset=RECORD_CUSTOMERS, description=text, blocking=True)
            for name, (text, _) in _CHECKS.items()
        ],
        required_resource_keys={"warehouse"},
    )
    def identity_checks(context: AssetCheckExecutionContext) -> Iterator[AssetCheckResult]:
        warehouse = context.resources.warehouse.open()
        for name, (_, query) in _CHECKS.items():
            offending = warehouse.read(query)["n"][0].as_py()
            yield AssetCheckResult(
                check_name=name,
                asset_key=RECORD_CUSTOMERS,
                passed=offending == 0,
                severity=AssetCheckSeverity.ERROR,
                metadata={"offending": offending},
            )

    return [identity_checks]
