"""The serve half at scale: a full build and one after a hundredth more, on a retailer with millions of touchpoints."""
