"""Who is who: a pure library that groups records of people into customers and says why.

No Dagster, no dbt, no database driver: Arrow tables in, Arrow tables out.
"""
