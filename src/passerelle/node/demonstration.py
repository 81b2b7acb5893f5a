"""The demonstration: the Paris 2024 programme, a plan solved while one looks on, and the story.

Two exercise nodes, France and Morocco, play from January to August 2024 on a clock of their own; other
states answer beside them (:mod:`passerelle.node.story`).

Everything it starts is a child of this process and ends with it. Each step says how long it took.
The data folder stays, so that a second start is quick; nothing in it is real but the programme.
"""

from __future__ import annotations

import secrets
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import TYPE_CHECKING, Final

from passerelle.kernel.problems import Problem, UnavailableError
from passerelle.kernel.times import parse_instant
from passerelle.node import folder, installation
from passerelle.node.configuration import configuration
from passerelle.node.story.staging import (
    START,
    StageParams,
    address_of,
    exercise_of,
    language_of_terminal,
    make_node,
    run_node,
    set_stage,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

__all__ = ["DemoParams", "demonstrate"]

_READY_S: Final = 180.0
_END_S: Final = 15.0


@dataclass(frozen=True, slots=True)
class DemoParams:
    """Say how the demonstration runs.

    Parameters
    ----------
    data
        Folder of its two nodes; made when it is not there.
    example
        The event folder that it takes in.
    port
        Port of the pages; the next free one is taken.
    seconds
        Time given to the solve.
    is_check
        Whether to visit the pages once and end, instead of staying.
    browse
        Opens a page; ``None`` to open none.
    """

    data: Path
    example: Path
    port: int
    seconds: int
    is_check: bool
    browse: Callable[[str], object] | None


def demonstrate(params: DemoParams, say: Callable[[str], None]) -> bool:
    """Run the demonstration until interrupted; tell whether everything went well.

    Parameters
    ----------
    params
        How it runs.
    say
        Where its lines go.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _interrupt)
    run = _Run(params, say)
    with ExitStack() as children:
        try:
            return run.go(children)
        except KeyboardInterrupt:
            say("Ending what was started …")
            return True


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt


class _Run:
    def __init__(self, params: DemoParams, say: Callable[[str], None]) -> None:
        self.params = params
        self._say = say
        self._started = time.monotonic()
        self._stop = threading.Event()
        self._is_told = False

    def say(self, line: str) -> None:
        """Print a line with the seconds since the start."""
        self._say(f"{time.monotonic() - self._started:6.1f} s  {line}")

    def go(self, children: ExitStack) -> bool:
        """Go through all steps; what is started is ended by ``children``."""
        self._warm(children)
        data = self.params.data / "fr"
        port = self._set_up(data)
        from passerelle.node.exercise.clock import node_clock  # noqa: PLC0415 - app ready

        self._clock = node_clock()
        self._prepare_event()
        installation.prepare()
        server = self._start(children, "serve", str(data), "--port", str(port), "--with-parent")
        worker = self._start(children, "work", str(data), "--with-parent")
        address = f"http://127.0.0.1:{port}"
        self._wait_until_ready(address, server)
        link = f"{address}/sign-in/{self._make_link()}"
        self.say(f"The pages are there. Sign in once with {link}")
        if self.params.browse is not None:
            self.params.browse(link)
        story = threading.Thread(target=self._tell_story, name="story", daemon=True)
        children.callback(self._end_story, story)
        story.start()
        while story.is_alive() and not self._is_told:
            if server.poll() is not None or worker.poll() is not None:
                break
            story.join(0.5)
        if self.params.is_check:
            link = f"{address}/sign-in/{self._make_link()}"  # the first may have expired by now
            return self._visit(address, link) and self._is_told
        self.say("Ctrl-C ends the demonstration.")
        while server.poll() is None and worker.poll() is None:
            time.sleep(0.5)
        raise UnavailableError(
            "The server or the worker ended; see {logs}.", code="demo.ended", logs=data / "logs"
        )

    def _set_up(self, data: Path) -> int:
        """Make the node, or enter the one that is there; return its port."""
        self._put_aside(data)
        if folder.is_node(data):
            installation.enter(data)
            installation.upgrade()
            self.say(f"Node fr in {data} is there already.")
            return configuration().port
        port = _free_port(self.params.port)
        settings: dict[str, str | int | bool] = {
            "node": "fr",
            "state": "FR",
            "title": "Passerelle",
            "port": port,
            "second_factor": False,
            "exercise": exercise_of(self.params.data),
        }
        installation.initialise(data, settings, start=parse_instant(START))
        self.say(f"Node fr made in {data}; its clock stands at {START}.")
        return port

    def _put_aside(self, data: Path) -> None:
        """Move nodes of an earlier version, which lived by the machine's clock, out of the way."""
        if folder.is_node(data) and not exercise_of(self.params.data):
            aside = self.params.data.with_name(f"{self.params.data.name}-{time.time_ns()}")
            self.params.data.rename(aside)
            self.say(f"An earlier demonstration was put aside: {aside}.")

    def _tell_story(self) -> None:
        """Play the story with a partner's node beside ours; runs in a thread of its own."""
        try:
            self._play()
        except Problem as problem:
            if not self._stop.is_set():
                self.say(f"The story stopped: {problem} [{problem.code}]")

    def _play(self) -> None:
        from passerelle.node.story.script import play  # noqa: PLC0415 - app ready

        data, language = self.params.data, language_of_terminal()
        ports = self._ports()
        make_node(data / "ma", "MA", ports[0], exercise_of(data))
        params = StageParams(data, self.params.example, ports, seconds=self.params.seconds)
        with run_node(data / "ma"), set_stage(params, self.say) as world:
            world.is_over = self._stop.is_set
            address = address_of(data / "ma")
            link = f"{address}/sign-in/{world.notes['sign-in ma']}"
            self.say(f"The partner's pages are there. Sign in once with {link}")
            if self.params.browse is not None:
                self.params.browse(link)
            for step in play(world):
                self.say(f"{step.on}  {step.labels.get(language)}")
            pack = world.notes["pack"]
            self.say(f"Prove it offline: ./passerelle verify {pack}")
            self._is_told = True
            self._stop.wait()

    def _ports(self) -> tuple[int, int]:
        """Return the ports of the partner and of the other states, as they were before."""
        data, own = self.params.data, configuration().port
        is_known = folder.is_node(data / "ma")
        port = int(address_of(data / "ma").rpartition(":")[2]) if is_known else _free_port(own + 1)
        kept = data / "partners" / "port"
        if not kept.is_file():
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(str(_free_port(port + 1)), "ascii")
        return port, int(kept.read_text("ascii"))

    def _end_story(self, story: threading.Thread) -> None:
        self._stop.set()
        story.join(_END_S)

    def _prepare_event(self) -> None:
        """Take the programme in, compute its need, queue the first solve; once."""
        from passerelle.node.accounts.actor import COMMAND_LINE  # noqa: PLC0415 - app ready
        from passerelle.node.events import domain as events  # noqa: PLC0415 - app ready
        from passerelle.node.events.models import Event  # noqa: PLC0415 - app ready
        from passerelle.node.plans.domain import start_plan  # noqa: PLC0415 - app ready
        from passerelle.node.story.asking import PROGRAMME  # noqa: PLC0415 - app ready

        if Event.objects.exists():
            return
        revision = events.import_event(
            self.params.example, actor=COMMAND_LINE, clock=self._clock, programme=PROGRAMME
        )
        self.say(
            f"{revision.event.name}: {revision.n_venues} venues, {revision.n_sessions} sessions, "
            f"{revision.n_posts} posts, {revision.n_groups} groups of crews."
        )
        need = events.compute_need(revision, actor=COMMAND_LINE, clock=self._clock)
        self.say(f"Need: {need.n_figures} explained figures. Solving for {self.params.seconds} s …")
        start_plan(
            revision.event, actor=COMMAND_LINE, clock=self._clock, seconds=self.params.seconds
        )

    def _make_link(self) -> str:
        from passerelle.kernel.clock import SystemClock  # noqa: PLC0415 - app ready
        from passerelle.node.accounts.domain import issue_link  # noqa: PLC0415 - app ready
        from passerelle.node.story.cast import VISITOR, enrol_cast, find_member  # noqa: PLC0415

        enrol_cast()
        return issue_link(find_member(VISITOR), SystemClock(), lambda: secrets.token_urlsafe(32))

    def _warm(self, children: ExitStack) -> None:
        """Let the engine be compiled beside the set-up, where that has not been done yet."""
        child = subprocess.Popen(
            [sys.executable, "-m", "passerelle.planning.roster.warm"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        children.callback(_end, child)

    def _start(self, children: ExitStack, *words: str) -> subprocess.Popen[bytes]:
        logs = Path(words[1]) / "logs"
        logs.mkdir(exist_ok=True)
        log = children.enter_context((logs / f"{words[0]}.log").open("ab"))
        child = subprocess.Popen(  # noqa: S603 - our own command line
            [sys.executable, "-m", "passerelle.cli", *words],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        children.callback(_end, child)
        return child

    def _wait_until_ready(self, address: str, server: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _READY_S
        while time.monotonic() < deadline and server.poll() is None:
            try:
                with urllib.request.urlopen(f"{address}/health", timeout=2):  # noqa: S310 - loopback
                    return
            except OSError:
                time.sleep(0.1)
        raise UnavailableError(
            "The server did not start; see {log}.",
            code="demo.no-server",
            log=self.params.data / "fr" / "logs" / "serve.log",
        )

    def _visit(self, address: str, link: str) -> bool:
        """Sign in and fetch pages as a browser would; tell whether all were answered."""
        from passerelle.node.events.models import Event  # noqa: PLC0415 - app ready

        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        code = Event.objects.values_list("code", flat=True)[0]
        is_good = True
        for path in (link, f"{address}/", f"{address}/api/v1/events/{code}"):
            started = time.monotonic()
            try:
                with opener.open(path, timeout=30) as answer:
                    status, size = answer.status, len(answer.read())
                    is_good = is_good and "/account/login" not in answer.url
            except urllib.error.HTTPError as error:
                status, size, is_good = error.code, 0, False
            shown = path.removeprefix(address).split("/sign-in/")[0] or "/sign-in/…"
            self.say(f"{status} {shown} {size:,} bytes, {time.monotonic() - started:.2f} s")
        return is_good


def _end(child: subprocess.Popen[bytes]) -> None:
    """End a child gently, then firmly."""
    if child.poll() is not None:
        return
    child.terminate()
    try:
        child.wait(_END_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _free_port(wanted: int) -> int:
    import socket  # noqa: PLC0415 - slow import

    for port in range(wanted, min(wanted + 20, 65536)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise UnavailableError(
        "No free port from {port} on; choose another with --port.",
        code="node.port-taken",
        port=wanted,
    )
