"""`python -m orchestration` is `braid`."""

from orchestration.cli import app

app()
