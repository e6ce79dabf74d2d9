"""Scheduling and I/O at the edges: settings, warehouse, sources, Dagster assets, the command line."""

import warnings

# dagster-dbt requires sqlglot's old accelerator, which nobody uses and every import of sqlglot complains about.
warnings.filterwarnings("ignore", message="sqlglot")
