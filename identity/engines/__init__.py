"""Where the heavy part of a run is computed: in DuckDB in this process, or on Spark.

An engine builds block keys, joins blocks into pairs, compares pairs and counts agreement patterns. Standardising,
training and clustering are the same code whatever the engine; so is every comparison, which DuckDB evaluates in either.
Nothing is imported here: each Spark task imports this package, and needs a small part of it.
"""
