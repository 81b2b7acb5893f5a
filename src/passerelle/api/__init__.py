"""The HTTP API under /api/v1, over the same verbs as the pages."""
