"""Standing cooperation: what a commitment and a joint group are, read from their dossiers.

Nothing is stored: both sides read the same values from the acts that both hold. The two sides' statuses
of a commitment stand beside each other and are never merged into one.
"""
