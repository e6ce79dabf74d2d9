"""Raw values to comparable ones: e-mail, phone, name, address; each a pure function of one distinct value."""
