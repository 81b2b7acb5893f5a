"""``passerelle bench``: a table of measurements."""

from __future__ import annotations

from typing import Final

from passerelle.cli.table import CommandTable

__all__ = ["BENCHES", "command"]

BENCHES: Final[dict[str, tuple[str, str]]] = {
    "campaign": ("campaign", "A campaign of 50 states, and every list page over it."),
    "need": ("need", "Read an event, compute and explain its need."),
    "desk": ("desk", "Server time, size and queries of every page."),
    "exchange": ("exchange", "Signed, sealed, receipted acts between two nodes."),
    "plan": ("plan", "Plan an event under a time limit: value, bound, gap, memory."),
    "repair": ("repair", "Repair a plan after many disruptions: time, touches, proof."),
    "standards": ("standards", "Exports, forms of partners, EDXL and STIX."),
    "roster": ("roster", "Solve the public shift-scheduling instances."),
    "roster-bounds": ("roster_bounds", "Compute every bound of roster again, on its own."),
}
"""Name of each measurement: its module below ``passerelle.cli.benches`` and its line in the help."""

command = CommandTable(
    "bench",
    package="passerelle.cli.benches",
    table=BENCHES,
    help="Measure one part, print a table and write benchmarks/results/NAME-TIME.json.",
)
