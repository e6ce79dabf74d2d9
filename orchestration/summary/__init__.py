"""What a run left behind, as a person wants to read it: figures only, no personal data; one module per room."""

from orchestration.summary.page import print_summary

__all__ = ["print_summary"]
