"""`python -m orchestration.dbt_process`."""

from orchestration.dbt_process.child import main

main()
