"""What was done, by whom, chained."""
