"""Why records are one customer or are not: for a pair, for a customer, as words, as JSON and as a picture."""
