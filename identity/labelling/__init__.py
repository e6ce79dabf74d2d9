"""How good identity is, from a few hundred answers of people: sample, estimate, recalibrate."""
