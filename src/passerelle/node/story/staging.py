"""Set the stage: make both nodes exercise nodes of one code, run them, introduce everybody.

Whatever was made before is entered again: nodes, keys, logs of the partners, the clock. So the story
goes on after an interruption, of whatever kind, where the record says that it stopped.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
import tomllib
import urllib.request
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from passerelle.kernel.problems import UnavailableError
from passerelle.kernel.times import parse_instant
from passerelle.node import folder
from passerelle.node.story.partners import Partners
from passerelle.node.story.requests import read_reported
from passerelle.node.story.speaker import Speaker, environment
from passerelle.node.story.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = [
    "START",
    "StageParams",
    "address_of",
    "exercise_of",
    "language_of_terminal",
    "make_node",
    "run_node",
    "set_stage",
]

START: Final = "2024-01-02T08:00:00Z"
"""Where the clock of the story stands first."""
NAME: Final = "paris-2024"
_READY_S: Final = 120.0
_END_S: Final = 15.0


@dataclass(frozen=True, slots=True)
class StageParams:
    """Say where and how large the story is played.

    Parameters
    ----------
    data
        Folder with one folder a node below it.
    example
        Event folder of the story.
    ports
        Port of the partner's pages and of the other states.
    n_partners
        How many other states play; all when ``None``.
    people
        Percent of the contingent named one by one.
    seed
        Decides the answers of the other states.
    seconds, good_gap
        Time given to each solve of a plan, and with which gap it may end earlier.
    """

    data: Path
    example: Path
    ports: tuple[int, int]
    n_partners: int | None = None
    people: int = 100
    seed: int = 1
    seconds: int = 45
    good_gap: float = 0.01


def exercise_of(data: Path) -> str:
    """Return the code of the exercise that the nodes below a folder share; drawn when new."""
    for name in ("fr", "ma"):
        if folder.is_node(data / name):
            return str(_settings_of(data / name).get("exercise", ""))
    return f"{NAME}:{secrets.token_hex(8)}"


def make_node(data: Path, state: str, port: int, exercise: str) -> None:
    """Make an exercise node in a process of its own, unless it is there."""
    if folder.is_node(data):
        return
    words = ["init", str(data), "--name", state.lower(), "--state", state, "--port", str(port)]
    words += ["--demo", "--exercise", exercise, "--starts", START]
    done = subprocess.run(  # noqa: S603 - our own command line
        [sys.executable, "-m", "passerelle.cli", *words],
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise UnavailableError(
            "The node {node} could not be made: {reason}",
            code="story.no-node",
            node=state.lower(),
            reason=(done.stderr.strip().splitlines() or ["no reason"])[-1],
        )


@contextmanager
def run_node(data: Path, *commands: str) -> Iterator[None]:
    """Run ``serve`` and ``work`` of a node while the block lasts; wait until pages are served."""
    with ExitStack() as children:
        for command in commands or ("serve", "work"):
            _start(children, data, command)
        if not commands or "serve" in commands:
            _wait(address_of(data))
        yield


def address_of(data: Path) -> str:
    """Return the address of the pages of a node on this machine."""
    return f"http://127.0.0.1:{_settings_of(data)['port']}"


@contextmanager
def set_stage(params: StageParams, tell: Callable[[str], None]) -> Iterator[World]:
    """Introduce everybody to everybody; both nodes must be running.

    Parameters
    ----------
    params
        Where and how large.
    tell
        Takes lines of progress.
    """
    fr_data, ma_data = params.data / "fr", params.data / "ma"
    states = [state for state in read_reported(params.example) if state not in {"FR", "MA"}]
    with Speaker(fr_data) as fr, Speaker(ma_data) as ma, ExitStack() as stack:
        links = {f"sign-in {name}": node.call("enrol") for name, node in (("fr", fr), ("ma", ma))}
        fr.call("meet", card=ma.call("card"), files=ma.call("trust"))
        ma.call("meet", card=fr.call("card"), files=fr.call("trust"))
        partners = Partners(
            states[: params.n_partners],
            params.data / "partners",
            port=params.ports[1],
            host_card=fr.call("trust")["node.json"].encode(),
            host_address=address_of(fr_data),
            exercise=exercise_of(params.data),
            start=parse_instant(START),
            now=parse_instant(fr.call("now")),
            seed=params.seed,
        )
        stack.callback(partners.close)
        for peer in partners.peers.values():
            files = {name: data.decode() for name, data in peer.files.items()}
            fr.call("meet", card=peer.card, files=files)
        world = World(
            fr, ma, partners, params.example, params.data, tell, people=params.people,
            seed=params.seed, seconds=params.seconds, good_gap=params.good_gap,
        )  # fmt: skip
        world.notes.update(links)
        _catch_up(world)
        yield world


def _catch_up(world: World) -> None:
    """Bring every clock to the furthest one: an interruption may have come between two ticks."""
    instants = {node: node.call("now") for node in (world.fr, world.ma)}
    furthest = max(instants.values())
    world.partners.publish(parse_instant(furthest))
    world.partners.advance(parse_instant(furthest))
    for node in instants:
        node.call("publish", instant=furthest)
    for node, instant in instants.items():
        if instant < furthest:
            node.call("advance", instant=furthest)


def _settings_of(data: Path) -> dict[str, object]:
    return tomllib.loads((data / "passerelle.toml").read_text("utf-8"))


def _start(children: ExitStack, data: Path, command: str) -> None:
    logs = data / "logs"
    logs.mkdir(exist_ok=True)
    log = children.enter_context((logs / f"{command}.log").open("ab"))
    child = subprocess.Popen(  # noqa: S603 - our own command line
        [sys.executable, "-m", "passerelle.cli", command, str(data), "--with-parent"],
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
    )
    children.callback(_end, child)


def _wait(address: str) -> None:
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=2):  # noqa: S310 - loopback
                return
        except OSError:
            time.sleep(0.1)
    raise UnavailableError("No answer from {address}.", code="story.no-server", address=address)


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is not None:
        return
    child.terminate()
    try:
        child.wait(_END_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def language_of_terminal() -> str:
    """Return the language in which the terminal speaks, one of ours."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        code = os.environ.get(name, "")[:2].lower()
        if code:
            return code if code in {"fr", "en", "ar"} else "en"
    return "en"
