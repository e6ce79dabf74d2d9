"""Events in: Segment's tracking API, from a request to a durable row of `activation.events`, and never to nothing."""
