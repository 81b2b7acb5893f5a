"""The command ``passerelle``: a table of commands, each imported only when it is called.

The table is all that ``passerelle --help`` reads, which keeps it under 0.3 s. A command is a module
in :mod:`passerelle.cli.commands` with an attribute ``command``; what it does lives in the packages
below, never in the module itself.

Exit codes: 0 done, 1 our fault, 2 usage, 3 refused, 4 input, 5 unavailable, 130 interrupted.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Final

import click

from passerelle import __version__
from passerelle.kernel.problems import InputError, Problem

__all__ = ["COMMANDS", "main", "root"]

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "test": ("test", "Run the tests: unit, integration, e2e or all."),
}
"""Name of each command: its module below ``passerelle.cli.commands`` and its line in the help."""


class _Table(click.Group):
    """Find commands in :data:`COMMANDS`; import one only to run it or to show its own help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"passerelle.cli.commands.{COMMANDS[cmd_name][0]}")
        found = module.command
        if not isinstance(found, click.Command):
            raise TypeError(f"Expected {module.__name__}.command to be a command.")
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.command(cls=_Table, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="passerelle")
def root() -> None:
    """Plan and prove security cooperation between states."""


def main() -> None:
    """Run the command line and turn problems into one sentence and an exit code."""
    try:
        code = root.main(prog_name="passerelle", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("passerelle: interrupted; nothing was left half done.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except InputError as error:
        for issue in error.issues:
            click.echo(str(issue), err=True)
        click.echo(f"passerelle: {len(error.issues)} problem(s); nothing was taken in.", err=True)
        sys.exit(error.exit_code)
    except Problem as error:
        click.echo(f"passerelle: {error} [{error.code}]", err=True)
        sys.exit(error.exit_code)
    sys.exit(code if isinstance(code, int) else 0)
