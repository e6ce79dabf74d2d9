"""The retailer's systems that have no interface that Braid reads, but export files, each in its vendor's shape."""
