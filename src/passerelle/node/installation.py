"""Begin, upgrade, prepare and enter a node."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from passerelle.kernel.clock import SystemClock
from passerelle.kernel.problems import RefusedError
from passerelle.node import folder
from passerelle.node.configuration import configuration
from passerelle.node.logs import configure

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = ["data_folder", "enter", "initialise", "missing_migrations", "prepare", "upgrade"]


def data_folder(named: Path | None) -> Path:
    """Return the data folder: as named on the command line, or by ``PASSERELLE_DATA``."""
    return named or Path(os.environ.get("PASSERELLE_DATA", "var/node"))


def enter(data: Path, *, is_new: bool = False) -> None:
    """Make this process one of the node: its settings, its logs, Django with its database.

    Raises
    ------
    RefusedError
        When the folder holds no node.
    InputError
        When settings are wrong, all at once.
    """
    if not is_new and not folder.is_node(data):
        raise RefusedError(
            "{folder} holds no node; make one with: passerelle init {folder}",
            code="node.missing",
            folder=data,
        )
    os.umask(0o077)  # whatever the node writes is for its owner alone
    os.environ["PASSERELLE_DATA"] = str(data.resolve())
    os.environ["DJANGO_SETTINGS_MODULE"] = "passerelle.node.settings"
    configuration.cache_clear()
    configure(configuration())
    import django  # noqa: PLC0415 - app ready

    django.setup()
    if not is_new:
        _check_kind()


def _check_kind() -> None:
    """Refuse a settings file that says another kind of node than the database; see ``exercise``."""
    from django.db import DatabaseError  # noqa: PLC0415 - app ready

    from passerelle.node.exercise.queries import kind_of_node  # noqa: PLC0415 - app ready

    try:
        kind_of_node()
    except DatabaseError:
        return  # the tables are not there yet; whoever needs them says so


def initialise(
    data: Path, settings: Mapping[str, str | int | bool], *, start: datetime | None = None
) -> None:
    """Make a node in a new folder: settings, keys, database with all tables.

    Parameters
    ----------
    data
        The folder.
    settings
        Contents of its settings file; ``exercise`` makes it an exercise node for ever.
    start
        Where the clock of an exercise node stands at first; the present instant when ``None``.
    """
    from passerelle.node.exchange import identity  # noqa: PLC0415 - app ready

    folder.create(data, dict(settings))
    enter(data, is_new=True)
    from passerelle.node.exchange.tls import own_pins  # noqa: PLC0415 - app ready

    upgrade()
    known = configuration()
    now = start or SystemClock().now()
    if known.exercise:
        from passerelle.node.exercise.domain import mark  # noqa: PLC0415 - app ready

        mark(known.exercise, now)
    loopback = f"http://{known.host}:{known.port}" if known.host == "127.0.0.1" else ""
    endpoint = known.exchange_endpoint or loopback
    identity.create(
        data / "exchange",
        known.node,
        now=now,
        random_bytes=secrets.token_bytes,
        passphrase=known.exchange_passphrase.get_secret_value(),
        endpoints=(endpoint,) if endpoint else (),
        pins=own_pins(),
        exercise=known.exercise,
    )


def upgrade() -> None:
    """Bring the tables of the database to this version of the software."""
    from django.core.management import call_command  # noqa: PLC0415 - app ready

    call_command("migrate", interactive=False, verbosity=0)


def missing_migrations() -> list[str]:
    """Name the migrations that the database has not seen."""
    from django.db import connection  # noqa: PLC0415 - app ready
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415 - app ready

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def prepare() -> None:
    """Do what serving needs beforehand: translations compiled, static files gathered.

    Raises
    ------
    RefusedError
        When the database was made by another version, or does not keep what it is given.
    """
    from django.conf import settings  # noqa: PLC0415 - app ready
    from django.db import connection  # noqa: PLC0415 - app ready
    from django.utils.translation.reloader import translation_file_changed  # noqa: PLC0415 - app ready

    from passerelle.node.database import durability  # noqa: PLC0415 - app ready
    from passerelle.node.exercise.domain import check_mark  # noqa: PLC0415 - app ready
    from passerelle.node.languages import compile_catalogues  # noqa: PLC0415 - app ready
    from passerelle.node.static import gather  # noqa: PLC0415 - app ready

    missing = missing_migrations()
    if missing:
        raise RefusedError(
            "The database lacks {n} migration(s); run: passerelle init {folder} --upgrade",
            code="node.not-upgraded",
            n=len(missing),
            folder=configuration().data,
        )
    for finding in durability(connection):
        if not finding.is_good:
            raise RefusedError(
                "{name} is {found}; expected {expected}.",
                code="node.not-durable",
                name=finding.name,
                found=finding.found,
                expected=finding.expected,
            )
    check_mark()
    for path in settings.LOCALE_PATHS:
        if compile_catalogues(Path(path)):
            translation_file_changed(None, Path(path) / "django.mo")  # forget what was read before
    gather(Path(settings.STATIC_ROOT))
