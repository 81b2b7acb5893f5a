"""``passerelle keys``: rotate, revoke and retire the keys of a node, and hand the root over."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from datetime import datetime

_DATA = click.argument("data", type=click.Path(path_type=Path))


@click.group()
def command() -> None:
    """List, rotate, revoke and retire the keys of this node."""


@command.command("list")
@_DATA
def list_keys(data: Path) -> None:
    """List every key of our card with its window."""
    _enter(data)
    from passerelle.exchange.card import parse_card
    from passerelle.kernel.times import format_instant
    from passerelle.node.exchange.station import station

    card = parse_card((station().folder / "trust" / "node.json").read_bytes())
    rows = [("log", item.key.algorithm.value, item.window) for item in card.log_keys]
    rows += [("receipt", item.key.algorithm.value, item.window) for item in card.receipt_keys]
    for office in card.offices:
        rows += [
            (f"seal/{office.id}", item.key.suite.kem_name, item.window) for item in office.hpke
        ]
        rows += [
            (f"sign/{office.id}", item.key.algorithm.value, item.window)
            for officer in office.sign
            for item in officer
        ]
    rows += [("bundle", item.key.suite.kem_name, item.window) for item in card.bundle_key]
    for part, kind, window in rows:
        end = f"  until {format_instant(window.until)}" if window.until else ""
        gone = f"  REVOKED {format_instant(window.revoked)}" if window.revoked else ""
        click.echo(f"{part}  {kind}  from {format_instant(window.since)}{end}{gone}")


@command.command("rotate")
@_DATA
@click.option("--part", "parts", multiple=True, help="log, receipt, offices, bundle; all of them.")
@click.option("--lead", type=int, default=48, show_default=True, help="Hours announced ahead.")
@click.option("--stolen", is_flag=True, help="At once, and revoke the old keys from now on.")
def rotate(data: Path, parts: tuple[str, ...], *, lead: int, stolen: bool) -> None:
    """Draw new keys, announced ahead in our card; the worker puts them in use in time."""
    now, passphrase = _enter(data)
    from passerelle.kernel.times import format_instant
    from passerelle.node.exchange.rotation import PARTS, rotate
    from passerelle.node.exchange.station import station

    begins = rotate(
        station().folder,
        parts or PARTS,
        now,
        passphrase=passphrase,
        lead=timedelta(hours=lead),
        stolen=stolen,
    )
    if stolen:
        click.echo("The old keys are revoked; what was receipted before stays valid.")
        click.echo("Tell every peer to take our card now: passerelle peer refresh.")
    else:
        click.echo(f"New keys are announced; they are used from {format_instant(begins)} on.")


@command.command("storage")
@_DATA
def storage(data: Path) -> None:
    """Draw a new key that wraps dossier keys, wrap them anew, destroy the old one. Monthly."""
    now, passphrase = _enter(data)
    from passerelle.node.exchange.rotation import rotate_storage
    from passerelle.node.exchange.station import station

    count = rotate_storage(station().folder, now, passphrase=passphrase)
    click.echo(f"{count} dossier key(s) wrapped anew; the old storage key is destroyed.")


@command.command("retire")
@_DATA
def retire(data: Path) -> None:
    """Destroy private office keys that ended; what only they can open is kept under dossier keys."""
    now, passphrase = _enter(data)
    from passerelle.node.exchange.rotation import retire_openers
    from passerelle.node.exchange.station import station

    count = retire_openers(station().folder, now, passphrase=passphrase)
    click.echo(f"{count} private key(s) destroyed.")


@command.command("root")
@_DATA
@click.option("--roles", is_flag=True, help="New keys for targets, snapshot and timestamp too.")
def root(data: Path, *, roles: bool) -> None:
    """Let the five holders hand over to new ones; their file must be back in the folder for it."""
    now, passphrase = _enter(data)
    from passerelle.node.exchange.rotation import rotate_root
    from passerelle.node.exchange.station import station

    version, path = rotate_root(station().folder, now, passphrase=passphrase, roles=roles)
    click.echo(f"Root {version} is published, signed by the holders before and the new ones.")
    click.echo(f"Move {path} to removable media again.")


def _enter(data: Path) -> tuple[datetime, str]:
    from passerelle.node.installation import enter

    enter(data)
    from passerelle.node.configuration import configuration
    from passerelle.node.exercise.clock import node_clock

    return node_clock().now(), configuration().exchange_passphrase.get_secret_value()
