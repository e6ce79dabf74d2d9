"""What leaves Braid: the published profiles, the API that serves them, the destinations that receive audiences."""
