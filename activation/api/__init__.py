"""The HTTP API: profiles, timelines and segments as they were last published."""
