"""The registry, room by room: each module says of one part of the warehouse what is personal there, and what is not."""
