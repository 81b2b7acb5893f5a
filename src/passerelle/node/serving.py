"""Serve the pages and the API."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from passerelle.kernel.problems import UnavailableError
from passerelle.node import folder
from passerelle.node.configuration import configuration

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["serve"]


def serve(*, port: int | None = None, on_ready: Callable[[str], None] | None = None) -> None:
    """Serve until interrupted; at most one server runs on a data folder.

    Parameters
    ----------
    port
        Instead of the setting.
    on_ready
        Called with the address when the server is about to listen.

    Raises
    ------
    UnavailableError
        When another server runs on the folder or the port is taken.
    """
    from granian import Granian  # noqa: PLC0415 - slow import
    from granian.constants import Interfaces  # noqa: PLC0415 - slow import

    from passerelle.node.installation import prepare  # noqa: PLC0415 - app ready

    settings = configuration()
    listening = port or settings.port
    with folder.hold(settings.data):
        _expect_free(settings.host, listening)
        prepare()
        os.environ["PASSERELLE_SERVED"] = "1"
        server = Granian(
            "passerelle.node.asgi:application",
            address=settings.host,
            port=listening,
            interface=Interfaces.ASGINL,
            workers=settings.web_processes,
            log_enabled=False,
            websockets=False,
            ssl_cert=settings.tls_certificate,
            ssl_key=settings.tls_key,
            workers_kill_timeout=5,
            respawn_failed_workers=True,
        )
        if on_ready is not None:
            scheme = "https" if settings.tls_certificate else "http"
            server.on_startup(lambda: on_ready(f"{scheme}://{settings.host}:{listening}/"))
        server.serve()


def _expect_free(host: str, port: int) -> None:
    import socket  # noqa: PLC0415 - slow import

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UnavailableError(
                "Port {port} on {host} cannot be used ({reason}); choose another with --port.",
                code="node.port-taken",
                port=port,
                host=host,
                reason=error.strerror,
            ) from None
