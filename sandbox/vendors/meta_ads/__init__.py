"""The look-alike of Meta custom audiences."""
