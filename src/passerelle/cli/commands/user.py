"""``passerelle user``: the people who sign in to a node."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from passerelle.node.accounts.models import User

_NODE = click.option(
    "--node", "folder", type=click.Path(file_okay=False, path_type=Path), help="Data folder."
)


@click.group()
def command() -> None:
    """Add people, and give them sign-in links."""


@command.command("add")
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True, help="May be given several times.")
@click.option("--office", default="coordination", show_default=True, help="Code of the office.")
@_NODE
def add(name: str, roles: tuple[str, ...], office: str, folder: Path | None) -> None:
    """Add the user NAME with roles in an office and print a one-time sign-in link."""
    _enter(folder)
    from passerelle.node.accounts.actor import COMMAND_LINE
    from passerelle.node.accounts.domain import enrol
    from passerelle.node.exercise.clock import node_clock

    user = enrol(name, office, roles, actor=COMMAND_LINE, clock=node_clock())
    _show_link(user)


@command.command("link")
@click.argument("name")
@_NODE
def link(name: str, folder: Path | None) -> None:
    """Print a sign-in link for the user NAME; it works once, for ten minutes."""
    _enter(folder)
    from passerelle.node.accounts.queries import find_user

    _show_link(find_user(name))


@command.command("token")
@click.argument("name")
@click.option("--for", "purpose", default="api", show_default=True, help="Name of the token.")
@click.option("--days", default=30, show_default=True, help="Days that it is valid.")
@_NODE
def token(name: str, purpose: str, days: int, folder: Path | None) -> None:
    """Print a token with which a program acts for the user NAME at the API."""
    _enter(folder)
    from passerelle.kernel.clock import SystemClock
    from passerelle.node.accounts.actor import COMMAND_LINE
    from passerelle.node.accounts.domain import issue_token
    from passerelle.node.accounts.queries import find_user

    click.echo(
        issue_token(
            find_user(name),
            purpose,
            days,
            actor=COMMAND_LINE,
            clock=SystemClock(),
            token=lambda: secrets.token_urlsafe(32),
        )
    )


def _enter(folder: Path | None) -> None:
    from passerelle.node import installation

    installation.enter(installation.data_folder(folder))


def _show_link(user: User) -> None:
    from passerelle.kernel.clock import SystemClock
    from passerelle.node.accounts.domain import issue_link
    from passerelle.node.configuration import configuration

    settings = configuration()
    secret = issue_link(user, SystemClock(), lambda: secrets.token_urlsafe(32))
    scheme = "https" if settings.https or settings.tls_certificate else "http"
    click.echo(f"{scheme}://{settings.host}:{settings.port}/sign-in/{secret}")
