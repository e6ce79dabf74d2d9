"""The tools that receive; each names what it wants, how it is spoken to, and what it may hold."""
