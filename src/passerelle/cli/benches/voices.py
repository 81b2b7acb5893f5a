"""Peers for measurements on one machine: keys of their own, real pushes, no network and no database.

A voice says an act as its node would: sealed to the office of the node measured, in a log with a
signed checkpoint, pushed through the same function that answers a push over the wire.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from passerelle.exchange.frame import PushFrame
from passerelle.exchange.header import Body, Enc, Handling, Header, Kind, Status, header_hash
from passerelle.exchange.jcs import write
from passerelle.exchange.merkle import CompactRange, leaf_hash
from passerelle.exchange.names import Origin
from passerelle.exchange.note import Checkpoint, sign_checkpoint
from passerelle.exchange.seal import EntryKey, seal_content, seal_info, seal_key_id
from passerelle.kernel.problems import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from passerelle.kernel.canonical import Json
    from passerelle.kernel.clock import Clock

__all__ = ["Voice"]

_OFFICE = "cooperation"


class Voice:
    """Speak for one peer.

    Parameters
    ----------
    folder
        Folder with the keys of the peer.
    name
        Name of its node.
    clock
        Gives the instants.
    """

    def __init__(self, folder: Path, name: str, clock: Clock) -> None:
        from passerelle.node.exchange import identity, station

        self.name, self.clock = name, clock
        self._keys = identity.load(folder)
        self._host = station.station()
        self._origin = Origin(name, self._host.identity.node)
        self._entries: list[tuple[bytes, bytes]] = []
        self._tree = CompactRange()

    def say(self, case: str, act: str, payload: Mapping[str, Json], role: str) -> None:
        """Say an act of reinforcement in a dossier, having seen all that was said so far."""
        from passerelle.node.dossiers.said import Said
        from passerelle.procedures.loading import definition

        shape = definition("reinforcement")
        side = shape.roles[role].side
        said = Said(shape.id, shape.digest, act, side, role, f"user:{self.name}", payload)
        self._add(case, said.to_body())

    def push(self) -> None:
        """Push everything that was said since the last push."""
        from passerelle.node.exchange.receiving import take_push

        old = self._tree.size
        news = self._entries[old:]
        self._tree = self._tree.extend(leaf_hash(header) for header, _ in news)
        note = sign_checkpoint(Checkpoint.of(str(self._origin), self._tree), self._keys.log)
        reply = take_push(
            self._origin.log_id, PushFrame(old, tuple(news), note).encode(), self.clock
        )
        if reply.status != 200:
            raise RefusedError(
                "The push of {peer} was answered {status}.",
                code="bench.push",
                peer=self.name,
                status=reply.status,
            )

    def _add(self, case: str, body: Json) -> None:
        from passerelle.node.exchange.models import Log

        key = EntryKey(secrets.token_bytes(32), self._keys.suite)
        sealed = seal_content(key, write(body), secrets.token_bytes)
        blank = (Enc("blank", "0" * 16, "AA"),)
        ours = Log.objects.filter(peer_id=self.name, direction="out")
        header = Header(
            origin=self._origin,
            index=len(self._entries),
            from_office=_OFFICE,
            to_office=_OFFICE,
            kind=Kind.REPORT,
            status=Status.ACTUAL,
            case=case,
            issued=self.clock.now(),
            seen=sum(ours.values_list("size", flat=True)),
            handling=Handling(),
            body=Body("application/json", len(sealed.ciphertext), sealed.ct, sealed.commit, blank),
        )
        target = self._host.identity.offices[_OFFICE].seal_key
        name = seal_key_id(target)
        info = seal_info(
            self._keys.suite,
            origin=str(self._origin),
            index=header.index,
            office=_OFFICE,
            key=name,
            header_hash=header_hash(header),
        )
        text = base64.urlsafe_b64encode(target.seal(key.secret, info)).rstrip(b"=").decode()
        assert header.body is not None
        body_with = replace(header.body, enc=(Enc(_OFFICE, name, text),))
        self._entries.append((replace(header, body=body_with).encode(), sealed.ciphertext))
