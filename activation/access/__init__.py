"""Who may read what: API keys and their scopes, masking, the audit trail, the database role of the API."""
