"""A look-alike of the Shopify Admin GraphQL API: customers, orders with returns, abandoned checkouts, products."""
