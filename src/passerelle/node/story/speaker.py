"""Speak through the voice of a node: one process a node, one line a call."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import IO, TYPE_CHECKING, Any, Self, cast

from passerelle.kernel.canonical import digest
from passerelle.kernel.problems import Problem, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from types import TracebackType

    from passerelle.kernel.canonical import Json

__all__ = ["Speaker", "StoryError"]


class StoryError(Problem):
    """Say that an office of the story was refused: the story and the procedures do not agree."""


class Speaker:
    """Call the verbs of :class:`~passerelle.node.story.voice.Voice` in another process.

    Parameters
    ----------
    folder
        Data folder of the node.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "logs").mkdir(exist_ok=True)
        self._log = (folder / "logs" / "voice.log").open("ab")
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "passerelle.node.story.voice", str(folder)],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
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
        """Let the process end."""
        process = self._process
        cast("IO[str]", process.stdin).close()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        cast("IO[str]", process.stdout).close()
        self._log.close()

    def call(self, verb: str, **arguments: Any) -> Any:  # Any: as the verb has it
        """Call a verb and return its answer.

        Raises
        ------
        StoryError
            When the node refuses, with its code.
        """
        into, out = cast("IO[str]", self._process.stdin), cast("IO[str]", self._process.stdout)
        into.write(json.dumps({"verb": verb, "arguments": arguments}, ensure_ascii=False) + "\n")
        into.flush()
        line = out.readline()
        if not line:
            raise UnavailableError(
                "The voice of {node} ended; see {log}.",
                code="story.voice",
                node=self.folder.name,
                log=self.folder / "logs" / "voice.log",
            )
        answer = json.loads(line)
        if "problem" in answer:
            raise StoryError("{text}", code=answer["problem"], text=answer["text"])
        return answer["ok"]

    def open(
        self, opening: str, role: str, payload: dict[str, Json],
        *, by: str, to: str, case: str, event: str = "",
    ) -> str:  # fmt: skip
        """Open a dossier, unless it is there; return its number.

        Parameters
        ----------
        opening
            ``procedure/act``.
        role, payload
            In which role, with which fields.
        by, to
            The account that speaks, and the peer.
        case
            Number of the dossier.
        event
            Code of the event that it serves.

        Raises
        ------
        StoryError
            When it is refused.
        """
        procedure, _, act = opening.partition("/")
        if not self.call("state", case=case):
            _expect(
                self.call(
                    "open", by=by, peer=to, procedure=procedure, act=act, role=role,
                    payload=payload, case=case, event=event,
                )
            )  # fmt: skip
        return case

    def say(
        self, by: str, case: str, act: str, role: str, payload: dict[str, Json], *, nth: int = 1
    ) -> bool:
        """Say an act, unless this side has said just that; tell whether it was said now.

        Parameters
        ----------
        by
            The account that speaks.
        case, act, role, payload
            What it says where, in which role.
        nth
            The same words may be meant more than once: this is the nth time.

        Raises
        ------
        StoryError
            When it is refused.
        """
        known = self.call("said", case=case)
        wanted = digest(payload)
        mine = (act, known.get("side"), wanted)
        said = [(one["act"], one["side"], one["digest"]) for one in known.get("acts", ())]
        if said.count(mine) >= nth:
            return False
        self.say_once(by, case, act, role, payload)
        return True

    def say_each(
        self, by: str, case: str, act: str, role: str, payloads: Iterable[dict[str, Json]]
    ) -> None:
        """Say an act several times with other words, leaving out what this side has said.

        Raises
        ------
        StoryError
            When one is refused.
        """
        known = self.call("said", case=case)
        said = {(one["act"], one["side"], one["digest"]) for one in known.get("acts", ())}
        for payload in payloads:
            if (act, known.get("side"), digest(payload)) not in said:
                self.say_once(by, case, act, role, payload)

    def say_once(self, by: str, case: str, act: str, role: str, payload: dict[str, Json]) -> None:
        """Say an act without looking whether it was said.

        Raises
        ------
        StoryError
            When it is refused.
        """
        _expect(self.call("say", by=by, case=case, act=act, role=role, payload=payload))

    def refusal(self, by: str, case: str, act: str, role: str, payload: dict[str, Json]) -> str:
        """Try an act that must be refused; return the code of the refusal.

        Raises
        ------
        StoryError
            When it was taken in after all.
        """
        try:
            answer = self.call("say", by=by, case=case, act=act, role=role, payload=payload)
        except StoryError as error:
            return error.code
        if "code" not in answer:
            raise StoryError("{act} was taken in.", code="story.not-refused", act=act)
        return str(answer["code"])


def environment() -> dict[str, str]:
    """Return the environment of a process of another node: nothing of this one's."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in {"PASSERELLE_DATA", "PASSERELLE_DATABASE_URL", "PASSERELLE_SERVED"}
    }


def _expect(answer: dict[str, Any]) -> None:  # Any: JSON
    if "code" in answer:
        raise StoryError("{text}", code=str(answer["code"]), text=str(answer.get("reason", "")))
