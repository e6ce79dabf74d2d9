"""Tables on disk, as Arrow: CSV, JSON lines and Parquet, with errors that name the row."""
