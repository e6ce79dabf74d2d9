"""Checks of identity's result that block publication: no record lost, no dead id, no change that waits for a person."""

from collections.abc import Iterator

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetChecksDefinition,
    AssetCheckSeverity,
    AssetCheckSpec,
    MetadataValue,
    multi_asset_check,
)

from identity.contract import PLAN_CHANGES
from orchestration.identity_store import IdentityStore
from orchestration.plan_words import markdown

RECORD_CUSTOMERS = ["identity", "record_customers"]
SUSPECT = "largest_share_merged"
"""The bound that no single change breaks: a run that does is suspect as a whole."""

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
    "every_customer_id_is_live": (
        "Every customer id in use was minted, and has not been merged away, retired or erased since.",
        """
        with last_word as (
            select distinct on (customer_id) customer_id, event
            from identity.customer_ledger
            where event in ('minted', 'revived', 'merged', 'retired', 'erased')
            order by customer_id asc, event_number desc
        )
        select count(distinct c.customer_id) as n
        from identity.record_customers as c
        left join last_word as l using (customer_id)
        where l.event is null or l.event not in ('minted', 'revived')
        """,
    ),
}

_PLANNED = "planned_changes_are_applied"


def build_identity_checks() -> list[AssetChecksDefinition]:
    """The checks, all on `identity/record_customers`, all blocking."""

    @multi_asset_check(
        name="identity_checks",
        specs=[
            AssetCheckSpec(name, asset=RECORD_CUSTOMERS, description=text, blocking=True)
            for name, (text, _) in _CHECKS.items()
        ]
        + [
            AssetCheckSpec(
                _PLANNED,
                asset=RECORD_CUSTOMERS,
                description="No planned change of customers waits for a person. Single changes that are held are told "
                "of and block nothing; a plan that waits as a whole, or is suspect as a whole, blocks.",
                blocking=True,
            )
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
        yield _planned(IdentityStore(warehouse))

    return [identity_checks]


def _planned(store: IdentityStore) -> AssetCheckResult:
    plan = store.plans.latest()
    changes = store.plans.changes(plan.plan_id) if plan else PLAN_CHANGES.empty_table()
    held = changes.filter(changes["held"])
    suspect = [row for row in held["held_because"].to_pylist() if any(why.startswith(SUSPECT) for why in row)]
    waits = plan is not None and plan.state == "proposed"
    if plan is None or not (waits or len(held)):
        return AssetCheckResult(check_name=_PLANNED, asset_key=RECORD_CUSTOMERS, passed=True)
    if waits:
        words = f"{plan.plan_id} waits: look at it with `braid identity plan`, publish it with `braid identity apply`."
    elif suspect:
        words = (
            f"{plan.plan_id} would merge too many customers at once, so none of them was merged: look at it with "
            "`braid identity plan`, then `braid identity release` or `hold` the plan."
        )
    else:
        words = f"Changes of {plan.plan_id} that are held: {len(held):,}. `braid identity plan` shows them and why."
    return AssetCheckResult(
        check_name=_PLANNED,
        asset_key=RECORD_CUSTOMERS,
        passed=False,
        severity=AssetCheckSeverity.ERROR if waits or suspect else AssetCheckSeverity.WARN,
        description=words,
        metadata={
            "plan_id": plan.plan_id,
            "state": plan.state,
            "held": len(held),
            "held_changes": MetadataValue.md(markdown(held)),
        },
    )
