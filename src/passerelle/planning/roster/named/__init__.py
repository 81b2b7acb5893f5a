"""Named persons on a grid of days: rules, pricing, master, dives, improvement, bounds."""
