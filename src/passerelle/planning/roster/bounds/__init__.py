"""Proofs of how good a plan is, verified without the solver."""
