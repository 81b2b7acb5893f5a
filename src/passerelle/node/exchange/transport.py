"""Carry frames to a peer over HTTPS: no redirects, no content coding, no cookies, bounded answers.

TLS is defence in depth (:mod:`passerelle.node.exchange.tls`); what arrives is believed for its
signatures only. Plain HTTP is for loopback.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import httpx

from passerelle.exchange.errors import RemoteProtocolError
from passerelle.node.exchange.tls import NotPinnedError, peer_context

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

__all__ = ["Answer", "HttpTransport", "TransportError"]

_MAX_ANSWER: Final = 8 * 1024 * 1024
_LOOPBACK: Final = ("http://127.0.0.1", "http://localhost", "http://[::1]")


class TransportError(RemoteProtocolError):
    """Say that no answer came; ``permanent`` when trying again cannot help."""

    def __init__(self, message: str, *, permanent: bool, **params: object) -> None:
        super().__init__(message, code="exchange.transport", **params)
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold an answer of a peer; ``offset`` says how far an attachment has come."""

    status: int
    body: bytes
    retry_after: float = 0.0
    offset: int = -1


class HttpTransport:
    """Keep one connection pool for all peers.

    Parameters
    ----------
    timeout_s
        For each read and write.
    """

    def __init__(self, timeout_s: float = 30.0) -> None:
        self._timeout_s = timeout_s
        self._clients: dict[bool, httpx.Client] = {}

    def _client(self, *, is_pinned: bool) -> httpx.Client:
        """Return the pool of connections, with or without the pins of cards; made on first use."""
        found = self._clients.get(is_pinned)
        if found is None:
            found = self._clients[is_pinned] = self._connect(is_pinned=is_pinned)
        return found

    def _connect(self, *, is_pinned: bool) -> httpx.Client:
        return httpx.Client(
            timeout=self._timeout_s,
            verify=peer_context(is_pinned=is_pinned),
            follow_redirects=False,
            trust_env=False,
            headers={"Accept-Encoding": "identity", "User-Agent": "passerelle"},
            limits=httpx.Limits(max_connections=4, max_keepalive_connections=4),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    def post(self, endpoints: Sequence[str], path: str, data: bytes) -> Answer:
        """Post bytes to the first endpoint that answers.

        Raises
        ------
        TransportError
            When none answers.
        """
        return self._try("POST", endpoints, path, data)

    def get(self, endpoints: Sequence[str], path: str) -> Answer:
        """Get a file from the first endpoint that answers.

        Raises
        ------
        TransportError
            When none answers.
        """
        return self._try("GET", endpoints, path, b"")

    def put(self, endpoints: Sequence[str], path: str, data: bytes) -> Answer:
        """Put bytes at the first endpoint that answers; raises as :meth:`post`."""
        return self._try("PUT", endpoints, path, data)

    def put_chunk(
        self, endpoints: Sequence[str], path: str, offset: int, size: int, chunk: bytes
    ) -> Answer:
        """Put one chunk of an attachment of ``size`` bytes; raises as :meth:`post`."""
        last = max(offset, offset + len(chunk) - 1)
        place = {"Content-Range": f"bytes {offset}-{last}/{size}"}
        return self._try("PUT", endpoints, path, chunk, place)

    def head(self, endpoints: Sequence[str], path: str) -> Answer:
        """Ask how far an attachment has come; raises as :meth:`post`."""
        return self._try("HEAD", endpoints, path, b"")

    def _try(
        self,
        method: str,
        endpoints: Sequence[str],
        path: str,
        data: bytes,
        place: Mapping[str, str] | None = None,
    ) -> Answer:
        reason = "no address"
        for endpoint in endpoints:
            if not endpoint.startswith(("https://", *_LOOPBACK)):
                continue
            url = f"{endpoint.rstrip('/')}/x/v1/{path}"
            try:
                client = self._client(is_pinned=not path.startswith("trust/"))
                return self._send(client, method, url, data, dict(place or {}))
            except httpx.HTTPError as error:
                reason = _reason(error)
        raise TransportError("No answer ({reason}).", permanent=not endpoints, reason=reason)

    def _send(
        self, client: httpx.Client, method: str, url: str, data: bytes, headers: dict[str, str]
    ) -> Answer:
        if data:
            headers["Content-Type"] = "application/octet-stream"
        with client.stream(method, url, content=data or None, headers=headers) as response:
            parts, size = [], 0
            for part in response.iter_raw(65_536):
                size += len(part)
                if size > _MAX_ANSWER:
                    raise TransportError("The answer is too long.", permanent=True)
                parts.append(part)
            client.cookies.clear()
            wait = response.headers.get("Retry-After", "0")
            seconds = float(wait) if wait.isdigit() else 0.0
            told = response.headers.get("Upload-Offset", "")
            offset = int(told) if told.isdigit() and len(told) < 16 else -1
            return Answer(response.status_code, b"".join(parts), seconds, offset)


def _reason(error: BaseException) -> str:
    """Name what went wrong; a certificate that was not believed before the rest."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, NotPinnedError):
            return "a certificate of another key than the card names"
        if isinstance(found, ssl.SSLCertVerificationError):
            return f"certificate: {found.verify_message}"
        found = found.__cause__ or found.__context__
    return type(error).__name__
