"""The seeded generator of the sandbox retailer: people, their records in every system, and two years of behaviour.

Everything is drawn a column at a time; the same seed gives the same world.
"""

from sandbox.generator.build import generate

__all__ = ["generate"]
