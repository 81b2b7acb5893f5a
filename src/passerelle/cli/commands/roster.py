"""``passerelle roster``: solve and check rosters in public formats."""

from __future__ import annotations

from typing import Final

from passerelle.cli.table import CommandTable

__all__ = ["command"]

_COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "solve": ("roster_solve", "Solve an instance file and write the roster."),
    "check": ("roster_check", "List every breach and every cost term of a roster."),
    "verify": ("roster_verify", "Compute again which bound a certificate proves."),
}

command = CommandTable(
    "roster",
    package="passerelle.cli.commands",
    table=_COMMANDS,
    help="Solve and check rosters in public formats.",
)
