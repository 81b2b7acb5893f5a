"""The rules inside the fold: one module a family, one table of all guards."""
