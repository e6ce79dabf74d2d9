"""HTTP look-alikes of the vendors' APIs over one made-up retailer; `app.build_app` mounts them all."""
