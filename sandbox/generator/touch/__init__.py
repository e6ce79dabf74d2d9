"""The systems that export files. Each draws from streams of its own, so that the vendors' tables stay what they are."""
