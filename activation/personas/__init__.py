"""Personas proposed from the data and kept by a person: pure functions over arrays and text, no database."""
