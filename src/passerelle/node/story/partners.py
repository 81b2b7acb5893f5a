"""The other states of the contingent data, answering through the exchange.

One process serves all of them on one port, each below a path of its own. What each answers is decided
by the seed alone: in full, in part, on conditions, by a counter-offer, too late, or not at all.
"""

from __future__ import annotations

import http.client
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from passerelle.exchange.card import parse_card
from passerelle.kernel.clock import FixedClock
from passerelle.node.story.peer import ScriptedPeer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

__all__ = ["Partners"]

_RENEW: Final = timedelta(days=10)


class Partners:
    """Serve scripted partners until closed.

    Parameters
    ----------
    states
        Two letters of each.
    folder
        Where they keep their logs.
    port
        Port on loopback; 0 takes a free one.
    host_card, host_address
        Card and address of the host's node.
    exercise
        Exercise that they join.
    start, now
        When their keys were made, and where the clock stands.
    seed
        From which their keys and answers come.
    """

    def __init__(
        self,
        states: Iterable[str],
        folder: Path,
        *,
        port: int,
        host_card: bytes,
        host_address: str,
        exercise: str,
        start: datetime,
        now: datetime,
        seed: int,
    ) -> None:
        self._lock = threading.Lock()
        self._clock = FixedClock(now)
        self._host_address = host_address
        self._published: datetime | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        card = parse_card(host_card)
        self.peers = {
            state: ScriptedPeer(
                state,
                (card.node, card),
                folder,
                endpoint=f"{self.address}/{state.lower()}",
                exercise=exercise,
                start=start,
                clock=self._clock,
                seed=seed,
            )
            for state in states
        }
        self._by_node = {peer.node: peer for peer in self.peers.values()}
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)

    def publish(self, instant: datetime) -> None:
        """Let every partner publish its trust files for an instant to come, when they are old."""
        if self._published is not None and instant - self._published < _RENEW:
            return
        self._published = instant
        with self._lock:
            for peer in self.peers.values():
                peer.publish(instant)

    def advance(self, instant: datetime) -> None:
        """Move their clock."""
        with self._lock:
            self._clock.set(max(instant, self._clock.now()))

    def flush(self) -> list[str]:
        """Push what the host does not hold; return the states whose push did not get through."""
        parts = urlsplit(self._host_address)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)

        def post(log_id: str, data: bytes) -> tuple[int, bytes]:
            headers = {"Content-Type": "application/octet-stream"}
            try:
                connection.request("POST", f"/x/v1/logs/{log_id}/push", data, headers)
                answer = connection.getresponse()
                return answer.status, answer.read()
            except OSError:
                connection.close()
                return 0, b""

        try:
            return [state for state, peer in self.peers.items() if not peer.flush(post)]
        finally:
            connection.close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        partners = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                node, _, name = self.path.strip("/").partition("/x/v1/trust/")
                peer = partners._by_node.get(node)
                data = None if peer is None else peer.files.get(name)
                self._answer(404 if data is None else 200, data or b"")

            def do_POST(self) -> None:
                size = int(self.headers.get("Content-Length", "0"))
                data = self.rfile.read(size)
                node = self.path.strip("/").partition("/")[0]
                peer = partners._by_node.get(node)
                if peer is None or not self.path.endswith("/push"):
                    self._answer(404, b"")
                    return
                with partners._lock:
                    reply = peer.take(data)
                self._answer(reply.status, reply.body)

            def _answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/octet-stream")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                del args

        return Handler
