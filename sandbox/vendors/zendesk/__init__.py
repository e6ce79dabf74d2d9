"""A look-alike of the Zendesk Support API: incremental exports, identities, ratings, user fields and batch updates."""
