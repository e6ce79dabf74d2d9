"""A look-alike of the X API v2: mentions and direct messages."""
