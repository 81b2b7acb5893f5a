"""A group of commands as a table: each is a module, imported only when it is called.

A table maps the name of a command to its module and its line in the help. The module has an
attribute ``command``. Reading the table costs nothing, so help answers at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CommandTable"]


class CommandTable(click.Group):
    """Find commands in a table; import one only to run it or to show its own help.

    Parameters
    ----------
    name
        Name of the group.
    package
        Package that holds the modules, dotted.
    table
        Name of each command: its module below ``package`` and its line in the help.
    **attributes
        Passed on to :class:`click.Group`.
    """

    def __init__(
        self,
        name: str | None = None,
        *,
        package: str,
        table: Mapping[str, tuple[str, str]],
        **attributes: object,
    ) -> None:
        super().__init__(name, **attributes)  # type: ignore[arg-type] # click's own words
        self.package = package
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        del ctx
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of one command, or return ``None`` for an unknown name."""
        del ctx
        if cmd_name not in self.table:
            return None
        module = import_module(f"{self.package}.{self.table[cmd_name][0]}")
        found = module.command
        if not isinstance(found, click.Command):
            raise TypeError(f"Expected {module.__name__}.command to be a command.")
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table without importing anything."""
        del ctx
        if not self.table:
            return
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self.table.items()])
