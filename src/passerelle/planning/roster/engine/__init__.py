"""Column generation: a generic master, a seam for pricing, and the event engine built on both."""
