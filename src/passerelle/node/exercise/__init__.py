"""Exercises: a node that plays instead of working, and the clock by which it plays.

An exercise node says so in four places that must agree: its settings, its key file, its database and
the card that its peers hold. Its time is the newest tick in its database, not the clock of the machine.
"""
