"""Name the places of a person's parameters in the rows that the kernels read."""

from __future__ import annotations

__all__ = [
    "FIRST",
    "FIRST_WEEKDAY",
    "INFINITE",
    "LAST",
    "MAX_RUN",
    "MAX_UNITS",
    "MIN_REST",
    "MIN_RUN",
    "MIN_UNITS",
    "N_CLASSES",
    "N_COUNTERS",
    "N_LOCAL",
    "N_PARAMETERS",
    "N_TRACKED",
    "OPEN_END",
    "OPEN_START",
    "TOLERANCE",
    "WEEKEND_CAP",
]

INFINITE = 1e15
TOLERANCE = 1e-9
FIRST, LAST, OPEN_START, OPEN_END, MIN_UNITS, MAX_UNITS, MIN_RUN, MAX_RUN, MIN_REST = range(9)
N_CLASSES, WEEKEND_CAP, N_TRACKED, N_LOCAL, N_COUNTERS, FIRST_WEEKDAY = range(9, 15)
N_PARAMETERS = 15
