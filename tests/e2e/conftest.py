"""A node with the Paris event, served on a free port, and a browser that is signed in.

The node runs as processes of its own (``make_node.py`` fills it, ``passerelle serve`` serves it), so a
browser test sees what an operator would see and never touches the test database.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or ""
_FLAGS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--force-color-profile=srgb",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything below this folder."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.e2e)


class Served:
    """A served node: its address, its data folder, and ways in."""

    def __init__(
        self, address: str, folder: Path, environment: dict[str, str], process_id: int
    ) -> None:
        self.address, self.folder, self.environment = address, folder, environment
        self._process_id = process_id

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let the node answer nothing for a while: what reaches it waits."""
        os.kill(self._process_id, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._process_id, signal.SIGCONT)

    def sign_in_link(self) -> str:
        """Return the path of a fresh one-time link."""
        command = [sys.executable, "-m", "passerelle.cli", "user", "link", "planner"]
        done = subprocess.run(
            [*command, "--node", str(self.folder)],
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        )
        line = next(line for line in done.stdout.splitlines() if "/sign-in/" in line)
        return "/sign-in/" + line.split("/sign-in/")[1].split()[0]


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Make a node, fill it with Paris 2024 and a plan, serve it."""
    kept = os.environ.get("DESK_NODE")  # a node made before, for pictures
    folder = Path(kept) if kept else tmp_path_factory.mktemp("e2e") / "node"
    with serve_node(folder, "" if kept else "make_node.py") as served:
        yield served


@contextmanager
def serve_node(folder: Path, script: str) -> Iterator[Served]:
    """Fill a node by a script of this folder, unless it was made before, and serve it."""
    if not CHROMIUM:
        pytest.skip("no chromium on this machine (apt install chromium)")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **{k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"},
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
    }
    if script:
        make = [sys.executable, str(HERE / script), str(folder), str(port)]
        subprocess.run(make, env=environment, check=True, cwd=ROOT)
    serve = [sys.executable, "-m", "passerelle.cli", "serve", str(folder), "--port", str(port)]
    log = folder.parent / f"{folder.name}.log"
    with log.open("w") as stream:
        process = subprocess.Popen(serve, env=environment, stdout=stream, stderr=stream, cwd=ROOT)
        try:
            _await(f"http://127.0.0.1:{port}/health", log)
            yield Served(f"http://127.0.0.1:{port}", folder, environment, process.pid)
        finally:
            process.terminate()
            process.wait(timeout=20)


def _await(address: str, log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.3)
    raise TimeoutError(f"the node did not answer:\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Debian's Chromium once."""
    if not CHROMIUM:
        pytest.skip("no chromium on this machine (apt install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def session_state(node: Served, browser: Browser) -> object:
    """Sign in once by link; later contexts begin with these cookies."""
    context = browser.new_context(base_url=node.address)
    context.new_page().goto(node.sign_in_link())
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def open_page(
    node: Served, browser: Browser, session_state: object
) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a page signed in; complaints of the console fail the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def go(
        path: str,
        language: str = "en",
        *,
        width: int = 1280,
        height: int = 832,
        theme: str = "light",
    ) -> Page:
        context = browser.new_context(
            base_url=node.address,
            storage_state=session_state,  # type: ignore[arg-type]  # what storage_state gave
            viewport={"width": width, "height": height},
            color_scheme=theme,  # type: ignore[arg-type]  # light or dark
            reduced_motion="reduce",
        )
        contexts.append(context)
        cookie = {"name": "passerelle_language", "value": language, "url": node.address}
        context.add_cookies([cookie])  # type: ignore[list-item]  # a cookie
        page = context.new_page()
        page.on(
            "console",
            lambda message: (
                complaints.append(f"{message.text} {message.location}")
                if message.type in {"error", "warning"}
                else None
            ),
        )
        page.on("pageerror", lambda error: complaints.append(f"{error} {error.stack}"))
        response = page.goto(path, wait_until="load")
        assert response is not None
        return page

    yield go
    for context in contexts:
        context.close()
    assert "\n".join(complaints) == ""
