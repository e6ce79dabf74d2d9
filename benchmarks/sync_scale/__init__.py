"""A sync of 100,000 rows, and of the hundredth that changes afterwards."""
