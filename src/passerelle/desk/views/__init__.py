"""HTTP: one module an area; each view finds its facts, asks a board, and shows a template."""
