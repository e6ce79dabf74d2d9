"""The look-alike of a webhook that a company runs itself."""
