"""Asset checks that block publication."""
