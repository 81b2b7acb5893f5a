"""Play a talk of two states onto one node: our acts through its verbs, the partner's over the wire.

The pages live by the present clock, so the dates of the factories are moved from 2024 to next year.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.simulators.exchange_partner import Partner

from passerelle.node.accounts.actor import COMMAND_LINE
from passerelle.node.dossiers import domain
from passerelle.node.dossiers.said import Said
from passerelle.node.exchange import identity, receiving, station
from passerelle.node.exchange.models import Log
from passerelle.procedures.loading import definition
from passerelle.procedures.values import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from passerelle.kernel.clock import Clock
    from passerelle.node.exchange.station import Station
    from passerelle.procedures.values import Act

__all__ = ["CASE", "YEAR", "Play", "next_year"]

CASE = "cd" * 16
YEAR = datetime.now(UTC).year + 1


def next_year(act: Act) -> Act:
    """Move the dates of an act from 2024 to next year."""
    text = json.dumps(act.payload).replace("2024-", f"{YEAR}-")
    return replace(act, payload=json.loads(text))


class Play:
    """The node FR with a corridor to MA, and MA's voice."""

    def __init__(self, folder: Path, clock: Clock, ours: Station | None = None) -> None:
        self.folder, self.clock = folder, clock
        for name in ("ma", *(("fr",) if ours is None else ())):
            identity.create(folder / name, name, now=clock.now(), random_bytes=secrets.token_bytes)
        self.station = ours or station.open_station(folder / "fr")

    def begin(self) -> None:
        """Pin the partner and agree the corridor; call it inside the station."""
        self.partner = Partner(self.folder / "ma", self.station, self.clock)
        self.partner.introduce()
        domain.agree_corridor("fr-ma", "ma", "FR", "MA", actor=COMMAND_LINE, clock=self.clock)

    def say(self, acts: Iterable[Act], case: str = CASE, event: str = "paris-2024") -> str:
        """Say acts in their order, each by its side; return the dossier."""
        for act in map(next_year, acts):
            if act.side == "host":
                self._ours(act, case, event)
            else:
                self.theirs(act, case, event)
        domain.refresh(case, self.clock)
        return case

    def _ours(self, act: Act, case: str, event: str) -> None:
        actor, clock = COMMAND_LINE, self.clock
        if act.name == "request":
            result: object = domain.open_case(
                "ma", "reinforcement", act.name, act.payload, act.role,
                actor=actor, clock=clock, event=event, case=case,
            )  # fmt: skip
        else:
            result = domain.say(case, act.name, act.payload, act.role, actor=actor, clock=clock)
        assert not isinstance(result, Refusal), (act.name, result.reason)

    def theirs(self, act: Act, case: str = CASE, event: str = "paris-2024") -> None:
        """Let the partner say an act and push it."""
        shape = definition("reinforcement")
        said = Said(
            "reinforcement", shape.digest, act.name, "partner", act.role, act.person, act.payload,
            event,
        )  # fmt: skip
        seen = Log.objects.get(direction="out").size
        old = len(self.partner.entries)
        self.partner.say(said.to_body(), case=case, seen=seen)
        reply = receiving.take_push(self.partner.origin.log_id, self.partner.frame(old), self.clock)
        assert reply.status == 200, reply
