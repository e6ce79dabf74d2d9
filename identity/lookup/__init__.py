"""Who is this? One record, known or not, resolved against all customers in the time of a click."""
