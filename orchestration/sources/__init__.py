"""dlt sources, one module per system: what to fetch and how to page it. No Dagster here."""
