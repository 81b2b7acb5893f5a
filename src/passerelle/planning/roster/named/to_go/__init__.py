"""Least cost still to come, with prices on minutes and weekends."""
