"""Logs at the edges: key=value on a terminal, one JSON object a line in production.

Events are short nouns with fields, in English. No names of people, no content of messages, no keys.
"""

from __future__ import annotations

import logging
import logging.config
import sys
from typing import TYPE_CHECKING

import structlog

from passerelle.node.configuration import LogFormat

if TYPE_CHECKING:
    from structlog.typing import Processor

    from passerelle.node.configuration import Configuration

__all__ = ["configure"]


def configure(settings: Configuration) -> None:
    """Send structlog and the standard library's loggers to standard error, in one form."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _node(settings.node),
    ]
    if settings.log_format is LogFormat.JSON:
        renderer: Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
        shared.append(structlog.processors.format_exc_info)
    else:
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    # Django's request log names whole paths; ours names routes only.
    logging.getLogger("django.request").setLevel(logging.ERROR)
    logging.getLogger("django.security").setLevel(logging.ERROR)
    for name in ("numba", "asyncio", "urllib3", "httpx", "httpcore", "tuf", "securesystemslib"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _node(name: str) -> Processor:
    def add(
        logger: object, method: str, event: structlog.typing.EventDict
    ) -> structlog.typing.EventDict:
        del logger, method
        event.setdefault("node", name)
        return event

    return add
