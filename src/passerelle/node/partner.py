"""The second node of the demonstration: Morocco, with its own folder, keys, database and server.

The two nodes are introduced as two offices would be: each pins the other's root by its fingerprint,
both agree a corridor, and the host asks for reinforcement. What is said travels over HTTP between
the two, signed and receipted; no file of one node is read by the other after the introduction.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from passerelle.kernel.problems import Problem, UnavailableError
from passerelle.kernel.times import format_instant

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.kernel.clock import Clock

__all__ = ["Partner"]

_CORRIDOR: Final = "fr-ma"
_ANSWER_WITHIN: Final = timedelta(days=18)


class Partner:
    """Drive the partner's node by its own command line, in processes of its own.

    Parameters
    ----------
    data
        Its data folder.
    host
        The data folder of the host's node.
    port
        Port of its pages.
    """

    def __init__(self, data: Path, host: Path, port: int) -> None:
        self.data = data
        self.host = host
        self.port = port

    @property
    def environment(self) -> dict[str, str]:
        """Environment of its processes: nothing of the host's node."""
        return {
            name: value
            for name, value in os.environ.items()
            if name not in {"PASSERELLE_DATA", "PASSERELLE_DATABASE_URL"}
        }

    def set_up(self) -> str:
        """Make the node, let it know the host; return a one-time sign-in link."""
        settings = ("--name", "ma", "--state", "MA", "--port", str(self.port), "--demo")
        self._run("init", str(self.data), *settings)
        trust = self.host / "exchange" / "trust"
        known = ("--root", str(trust / "1.root.json"), "--fingerprint", _fingerprint(trust))
        self._run("peer", "add", str(self.data), "fr", *known, "--trust", str(trust))
        self._run("dossier", "corridor", _CORRIDOR, "fr", "MA", "FR", "--node", str(self.data))
        roles = ("planner", "cooperation", "liaison", "leader", "approver", "auditor")
        words = [word for role in roles for word in ("--role", role)]
        return self._run("user", "add", "demo", *words, "--node", str(self.data))

    def introduce(self, clock: Clock) -> None:
        """Let the host's node, which this process is one of, know the partner."""
        from passerelle.node.accounts.actor import COMMAND_LINE  # noqa: PLC0415 - app ready
        from passerelle.node.dossiers.domain import agree_corridor  # noqa: PLC0415 - app ready
        from passerelle.node.exchange import peers  # noqa: PLC0415 - app ready

        trust = self.data / "exchange" / "trust"
        peers.add_peer("ma", (trust / "1.root.json").read_bytes(), _fingerprint(trust))
        peers.refresh_peer("ma", peers.fetch_from_folder(trust), clock)
        agree_corridor(_CORRIDOR, "ma", "FR", "MA", actor=COMMAND_LINE, clock=clock)

    def ask(self, request: Path, event: str, clock: Clock) -> str:
        """Open the dossier of reinforcement with the partner; return its number.

        Raises
        ------
        Problem
            When the procedure refuses the request.
        """
        from passerelle.node.accounts.actor import COMMAND_LINE  # noqa: PLC0415 - app ready
        from passerelle.node.dossiers.domain import open_case  # noqa: PLC0415 - app ready

        now = clock.now()
        fields = json.loads(request.read_text("utf-8")) | {
            "issued_on": f"{now:%Y-%m-%d}",
            "answer_by": format_instant(now + _ANSWER_WITHIN),
        }
        found = open_case(
            "ma",
            "reinforcement",
            "request",
            fields,
            "directorate",
            actor=COMMAND_LINE,
            clock=clock,
            event=event,
        )
        if not isinstance(found, str):
            raise Problem("{reason}", code=found.code, reason=found.reason)
        return found

    def has(self, case: str) -> bool:
        """Tell whether the dossier has arrived at the partner."""
        return case in self._run("dossier", "list", "--node", str(self.data))

    def _run(self, *words: str) -> str:
        done = subprocess.run(  # noqa: S603 - our own command line
            [sys.executable, "-m", "passerelle.cli", *words],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise UnavailableError(
                "The partner's node refused {command}: {reason}",
                code="demo.partner",
                command=" ".join(words[:2]),
                reason=done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no reason",
            )
        return done.stdout.strip()


def _fingerprint(trust: Path) -> str:
    from passerelle.exchange.trust import fingerprint  # noqa: PLC0415 - slow import

    return fingerprint((trust / "1.root.json").read_bytes())
