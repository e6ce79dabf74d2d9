"""The commands of `braid identity` that need nothing but files."""
