"""A sync: what a destination should hold, compared with what it acknowledged, and only the difference sent."""
