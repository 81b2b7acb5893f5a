"""What each page shows, as plain values: computed from facts, ready to be placed by a template."""
