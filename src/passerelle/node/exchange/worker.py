"""The worker: lease a due log, send, verify the receipt, keep it, schedule.

Nothing is kept in memory between turns but connections and leases. Leases last 60 s, are renewed
after 15 s, and every update is conditional on the lease number; a double send is only a 409. On SQLite one worker process is enough,
on PostgreSQL several share the logs; a stuck log delays no other.
"""

from __future__ import annotations

import contextlib
import logging
import math
import random
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from passerelle.exchange import sender
from passerelle.exchange.effects import Send
from passerelle.exchange.errors import RemoteProtocolError
from passerelle.exchange.frame import parse_receipt
from passerelle.exchange.peer import may_push
from passerelle.kernel.problems import UnavailableError
from passerelle.node.exchange import blobs, peers, restore, sending, statements, store
from passerelle.node.exchange.models import Cursor, Peer
from passerelle.node.exchange.pausing import tell_peers
from passerelle.node.exchange.renewal import renew
from passerelle.node.exchange.station import station
from passerelle.node.exchange.transport import HttpTransport, TransportError
from passerelle.node.exchange.uploading import Uploads, resend

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from passerelle.exchange.suite import PublicKey
    from passerelle.exchange.trust import TrustState
    from passerelle.kernel.clock import Clock
    from passerelle.node.exchange.transport import Answer

__all__ = ["ExchangeWorker"]

_LOG = logging.getLogger(__name__)
_LEASE_S: Final = 60.0
_RENEW_S: Final = 15.0
_NOTICE_S: Final = 5.0
_IDLE_S: Final = 0.02
_MAX_KEPT: Final = 65_536
_EXERCISE_RETRY_S: Final = 5.0
"""Longest pause of the machine's clock between two attempts on an exercise node."""


class ExchangeWorker:
    """Send what was released, as long as it is called.

    Parameters
    ----------
    clock
        Wall clock for the record.
    transport
        Carries frames.
    monotonic
        Clock of leases.
    rng
        Jitter.
    intakes
        Called after each round, so that what came or was receipted is taken in where it belongs.
    """

    def __init__(
        self,
        clock: Clock,
        transport: HttpTransport,
        monotonic: Callable[[], float] = time.monotonic,
        rng: Callable[[], float] = random.random,
        intakes: Sequence[Callable[[Clock], int]] = (),
    ) -> None:
        self._clock, self._transport = clock, transport
        self._monotonic, self._rng = monotonic, rng
        self._intakes = tuple(intakes)
        self._leases: dict[str, tuple[int, float]] = {}
        self._retries: dict[str, float] = {}
        self._uploads = Uploads(clock, transport, monotonic)

    def run(self, until: Callable[[], bool]) -> None:
        """Work until told to stop; between rounds, rest 20 ms so that acts gather to batches."""
        self.check_guards()
        next_refresh = next_notice = 0.0
        try:
            while not until():
                if self._monotonic() >= next_refresh:
                    self.refresh_trust()
                    blobs.sweep(station(), self._clock.now())
                if self._monotonic() >= next_notice:
                    tell_peers(self._transport, self._clock)
                    next_notice = self._monotonic() + _NOTICE_S
                    next_refresh = self._monotonic() + 60.0
                busy = self.round() + self._uploads.round()
                for take_in in self._intakes:
                    busy += take_in(self._clock)
                if not busy:
                    time.sleep(_IDLE_S)
        finally:
            self.release_leases()

    def check_guards(self) -> None:
        """Stop every log whose guard file is ahead of the database."""
        node = station()
        for cursor in Cursor.objects.filter(log__closed=False).select_related("log"):
            if sending.check_guard(node, cursor.log):
                sending.stop(cursor.log_id)
                _LOG.error("exchange.own-store-behind", extra={"log": cursor.log.origin})

    def refresh_trust(self) -> None:
        """Publish our trust files anew and take those of peers, when they are half expired."""
        now = self._clock.now()
        renew(now)
        for row in Peer.objects.exclude(state="ended"):
            record = store.find_peer(row.node)
            is_due = record is not None and _is_due(record.trust, now.timestamp())
            if record is None or not (is_due or row.trust_wanted):
                continue
            Peer.objects.filter(pk=row.node, trust_wanted=True).update(trust_wanted=False)
            card = record.trust.card
            if card is None or not card.endpoints:
                continue
            fetch = peers.fetch_over_http(self._transport, card.endpoints)
            try:
                peers.refresh_peer(row.node, fetch, self._clock)
            except RemoteProtocolError as error:
                _LOG.warning("exchange.trust-refused", extra={"peer": row.node, "code": error.code})

    def round(self) -> int:
        """Give every due log one turn; return how many had something to say."""
        now, busy = self._clock.now().timestamp(), 0
        plays = bool(station().identity.exercise)
        if plays:
            self._wake_retries(now)
        # A clock that jumps a week is no silence, and the peer's may jump a moment later.
        silence = math.inf if plays else sender.HEARTBEAT
        waiting = statements.waiting_cursors(now, sender.MAX_BACKOFF, silence)
        for cursor in waiting:
            if cursor.phase == sender.Phase.STOPPED.value:
                continue
            lease = self._lease(cursor)
            if lease is None:
                continue
            try:
                busy += self._turn(cursor, lease)
            except UnavailableError as error:
                _LOG.info("exchange.lease-lost", extra={"code": error.code})
                self._leases.pop(cursor.log_id, None)
        for cursor in waiting:
            if cursor.phase == sender.Phase.STOPPED.value:
                busy += restore.fetch_suffix(cursor.log, self._transport, self._clock)
        return busy

    def _wake_retries(self, now: float) -> None:
        """Wait for retries by the machine's clock: that of an exercise may stand still."""
        for cursor in Cursor.objects.filter(next_due__gt=now, tries__gt=0):
            wanted = self._retries.setdefault(
                cursor.log_id, self._monotonic() + min(cursor.next_due - now, _EXERCISE_RETRY_S)
            )
            if self._monotonic() >= wanted:
                del self._retries[cursor.log_id]
                Cursor.objects.filter(pk=cursor.pk).update(next_due=now)

    def _lease(self, cursor: Cursor) -> int | None:
        now = self._monotonic()
        number, since = self._leases.get(cursor.log_id, (-1, 0.0))
        if number == cursor.lease_no and now < since + _RENEW_S:
            return number
        # A lease beyond its own length comes from before a restart of the machine.
        if number != cursor.lease_no and now < cursor.lease_until <= now + _LEASE_S:
            return None
        taken = Cursor.objects.filter(pk=cursor.pk, lease_no=cursor.lease_no).update(
            lease_no=cursor.lease_no + 1, lease_until=now + _LEASE_S
        )
        if not taken:
            return None
        self._leases[cursor.log_id] = cursor.lease_no + 1, now
        return cursor.lease_no + 1

    def release_leases(self) -> None:
        """Give back every lease, so that another worker need not wait for its end."""
        for log_id, (number, _) in self._leases.items():
            Cursor.objects.filter(pk=log_id, lease_no=number).update(lease_until=0.0)
        self._leases.clear()

    def _turn(self, cursor: Cursor, lease: int) -> int:
        node = station()
        if cursor.lease_no != lease:  # taken just now: what another worker wrote meanwhile counts
            cursor = statements.cursor_row(cursor.log_id)
        log = cursor.log
        record = store.find_peer(log.peer_id)
        now = self._clock.now()
        if record is None or not may_push(record.state, record.freshness(now)):
            return 0
        assert record.trust.card is not None
        if not record.trust.card.endpoints:
            return 0
        turn = sending.Turn(node, log, self._clock, self._rng, lease)
        state = store.load_sender(log, cursor, record.suite)
        end = sending.batch_end(log, state.held)
        state, effects = turn.step(state, sender.Turn(end))
        for effect in effects:
            if isinstance(effect, Send):
                frame = sending.build_frame(node, log, effect)
                event = self._push(record.trust.card.endpoints, log.id, frame, record)
                turn.step(state, event)
                return 1
        return 0

    def _push(
        self, endpoints: tuple[str, ...], log_id: str, frame: bytes, record: store.PeerRecord
    ) -> sender.Event:
        assert record.trust.card is not None
        try:
            answer = self._transport.post(endpoints, f"logs/{log_id}/push", frame)
        except TransportError:
            return sender.NoAnswer()
        if answer.status == 424:
            resend(answer.body)
        keys = record.trust.card.receipt_keys_at(self._clock.now())
        return _event(answer, keys, frame)


def _event(answer: Answer, keys: tuple[PublicKey, ...], frame: bytes) -> sender.Event:
    """Turn an answer on the wire into an event of the machine; the table of section 11."""
    found: sender.Event = sender.NoAnswer()
    if answer.status == 200:
        with contextlib.suppress(RemoteProtocolError):
            found = sender.ReceiptArrived(parse_receipt(answer.body), keys)
    elif answer.status == 409 and answer.body.strip().isdigit():
        found = sender.Conflict(int(answer.body[:20]))
    elif answer.status in {429, 503}:
        found = sender.Busy(answer.retry_after)
    elif answer.status in {403, 404, 413, 422, 424}:
        found = sender.Refused(answer.status, answer.body[:_MAX_KEPT], frame[:_MAX_KEPT])
    return found


def _is_due(trust: TrustState, now: float) -> bool:
    """Tell whether half of the timestamp's life is over, or a day went by."""
    if trust.expires is None or trust.accepted_at is None:
        return True
    half = (trust.expires - trust.accepted_at) / 2
    return now >= (trust.accepted_at + min(half, timedelta(hours=12))).timestamp()
