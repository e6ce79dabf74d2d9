"""dbt as Braid's runs call it: a child that never outlives them (the console script `braid-dbt`), and is quicker."""

from orchestration.dbt_process.child import main

__all__ = ["main"]
