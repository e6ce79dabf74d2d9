"""The commands of activation, to be mounted by `braid`: `api-key` and `audit`."""
