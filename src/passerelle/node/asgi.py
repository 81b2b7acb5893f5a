"""The application that the server runs."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

from passerelle.compute.orphans import leave_with_parent
from passerelle.node.configuration import configuration
from passerelle.node.logs import configure
from passerelle.node.warming import warm_in_background

_is_served = "PASSERELLE_SERVED" in os.environ
if _is_served:  # a process of the server must not outlive it
    leave_with_parent()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "passerelle.node.settings")
configure(configuration())
_pages = get_asgi_application()

from passerelle.node.exchange.lane import Lane  # noqa: E402 - app ready

application = Lane(_pages)
if _is_served:
    warm_in_background()
