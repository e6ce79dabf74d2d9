"""A look-alike of the Salesforce REST API: OAuth client credentials and SOQL queries."""
