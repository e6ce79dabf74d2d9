"""What is known of a person, where, and how it is shown and erased: one registry drives all of it (docs/privacy.md)."""
