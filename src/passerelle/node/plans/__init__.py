"""Versions of the plan of an event."""
