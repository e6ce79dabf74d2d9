"""Events in at scale: how many a second one machine makes durable, beside what PostgreSQL alone would take."""
