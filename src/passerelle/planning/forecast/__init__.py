"""Outcomes of a tournament and of answers, simulated: the need as a distribution."""
