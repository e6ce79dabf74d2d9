"""Dagster assets, one module per stage of the journey: read, call, write, report."""
