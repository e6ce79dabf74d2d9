"""Scheduling and I/O at the edges: settings, warehouse, sources, Dagster assets, the command line."""
