"""A look-alike of HubSpot's CRM API: contacts, their properties, lists."""
