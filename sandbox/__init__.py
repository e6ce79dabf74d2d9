"""A made-up omnichannel retailer: its people, their behaviour, and look-alikes of the vendors' APIs."""
