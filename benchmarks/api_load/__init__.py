"""The profile API under load: latency at a steady rate, and the most that it answers, beside pgbench."""
