"""The command ``passerelle``: a table of commands, each imported only when it is called.

The table is all that ``passerelle --help`` reads, which keeps it under 0.3 s. A command is a module
in :mod:`passerelle.cli.commands` with an attribute ``command``; what it does lives in the packages
below, never in the module itself.

Exit codes: 0 done, 1 our fault, 2 usage, 3 refused, 4 input, 5 unavailable, 130 interrupted.
"""

from __future__ import annotations

import sys
from typing import Final

import click

from passerelle import __version__
from passerelle.cli.table import CommandTable
from passerelle.kernel.problems import InputError, Problem, UnavailableError

__all__ = ["COMMANDS", "main", "root"]

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "agreement": ("agreement", "Draft, sign and accept the agreement with a peer."),
    "attachment": ("attachment", "Send sealed files with an act; fetch and open them."),
    "bench": ("bench", "Measure, and write a result file."),
    "bundle": ("bundle", "Exchange through a directory: out, in."),
    "check": ("check", "Check a plan: every violation and every cost term."),
    "config": ("config", "Print the settings of a node."),
    "demo": ("demo", "Set up two nodes, solve, serve, play the story in the browser."),
    "doctor": ("doctor", "Examine a node: versions, settings, database, audit chain."),
    "dossier": ("dossier", "Open dossiers with a peer, say acts, list what is due."),
    "exercise": ("exercise", "Show and move the clock of exercise nodes."),
    "explain": ("explain", "Say why a post is short, and who could fill it."),
    "export": ("export", "Write an event or its plan to a file."),
    "forecast": ("forecast", "Simulate a tournament; give the need as a distribution."),
    "gap": ("gap", "Say what own forces cannot cover."),
    "import": ("import_", "Take an event folder into a node."),
    "init": ("init", "Make a node in a data folder, or upgrade it."),
    "keys": ("keys", "List, rotate, revoke and retire the keys of a node."),
    "mix": ("mix", "Choose among offers, and say what each is worth."),
    "need": ("need", "Compute and explain the need of an event."),
    "pack": ("pack", "Write a verification pack."),
    "peer": ("peer", "Add, list, suspend and resume peers."),
    "plan": ("plan", "Plan an event, with a proven bound."),
    "procedures": ("procedures", "List, show and check procedures and safeguards."),
    "register": ("register", "Export the register of commitments; list joint groups."),
    "repair": ("repair", "Repair a published plan after a change."),
    "roster": ("roster", "Solve and check rosters in public formats."),
    "serve": ("serve", "Serve the pages and the API of a node."),
    "standard": ("standard", "Examine outside formats; packs for partners without a node."),
    "statistics": ("statistics", "Compute figures under the counting contract with a peer."),
    "synthetic": ("synthetic", "Invent persons for tests and demonstrations."),
    "test": ("test", "Run the tests: unit, integration, e2e or all."),
    "user": ("user", "Add people who sign in, and give them links."),
    "verify": ("verify", "Prove offline what was said, from a pack."),
    "work": ("work", "Run the jobs of a node."),
}
"""Name of each command: its module below ``passerelle.cli.commands`` and its line in the help."""


root = CommandTable(
    "passerelle",
    package="passerelle.cli.commands",
    table=COMMANDS,
    help="Plan and prove security cooperation between states.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
click.version_option(__version__, prog_name="passerelle")(root)


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
    except MemoryError:
        click.echo(
            "passerelle: the memory of this machine does not suffice; nothing was left half done.",
            err=True,
        )
        sys.exit(UnavailableError.exit_code)
    sys.exit(code if isinstance(code, int) else 0)
