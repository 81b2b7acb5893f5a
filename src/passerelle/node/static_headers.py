"""Headers of static files."""

from __future__ import annotations

__all__ = ["add_static_headers"]


def add_static_headers(headers: dict[str, str], path: str, url: str) -> None:
    """Keep browsers from guessing what a static file is."""
    del path, url
    headers["X-Content-Type-Options"] = "nosniff"
