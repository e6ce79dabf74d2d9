"""Identity on a million records: seconds, memory, and Splink alone on the same rows beside it."""
