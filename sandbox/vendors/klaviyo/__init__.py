"""A look-alike of Klaviyo's API: profiles, imports, lists, deletions."""
