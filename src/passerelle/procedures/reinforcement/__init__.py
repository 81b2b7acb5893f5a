"""What a dossier of reinforcement holds: lines, offers, commitments, the roll, counts.

Each module is a pure fold over the acts of the dossier; nothing here is stored.
"""
