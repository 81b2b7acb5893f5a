"""The coverage model: a small linear relaxation of a whole event, by regions and parts of days.

It keeps what decides in the large (who can do what where, hours a day, days in a row, escorts, beds)
and forgets what decides in the small (handovers, single sites of a region, the order of duties). Its
optimum is a proven lower bound on every roster, in seconds, and its prices say what one more crew
would save. The choice of offers, the gap and the prices of crews rest on it.
"""

from passerelle.planning.coverage.frame import Frame, Kind, Unit, frame_of
from passerelle.planning.coverage.model import CoverageModel, Solution

__all__ = ["CoverageModel", "Frame", "Kind", "Solution", "Unit", "frame_of"]
