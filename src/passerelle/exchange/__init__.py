"""Proof of what two states said: logs, checkpoints, receipts, trust, sealing. Bytes in, decisions out."""
