"""The lane of the wire: what is refused before it is read, and what passes by."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from passerelle.node.exchange.lane import Lane

pytestmark = pytest.mark.integration

LOG = "/x/v1/logs/none/push"


async def _pages(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer as the pages would: with the path, and 299."""
    del receive
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": scope["path"].encode()})


class Request:
    """One request to a lane; its body comes in the given parts."""

    def __init__(
        self, path: str, *parts: bytes, length: int | None = None, host: str = "localhost"
    ) -> None:
        declared = sum(map(len, parts)) if length is None else length
        headers = [(b"host", host.encode()), (b"content-length", str(declared).encode())]
        self.scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": headers,
        }
        self.parts = list(parts)
        self.reads = 0
        self.may_read = asyncio.Event()
        self.may_read.set()
        self.status, self.body, self.headers = 0, b"", dict[bytes, bytes]()

    async def receive(self) -> dict[str, Any]:
        """Give the next part of the body."""
        await self.may_read.wait()
        self.reads += 1
        part = self.parts.pop(0) if self.parts else b""
        return {"type": "http.request", "body": part, "more_body": bool(self.parts)}

    async def send(self, message: Any) -> None:
        """Take the answer."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])
        else:
            self.body += message["body"]

    async def answered(self, lane: Lane) -> Request:
        """Let the lane answer."""
        await lane(self.scope, self.receive, self.send)
        return self

    @property
    def code(self) -> str:
        """Return the code of the problem answered."""
        return str(json.loads(self.body)["code"])


def ask(*arguments: Any, **named: Any) -> Request:
    """Ask a fresh lane once."""

    async def asked() -> Request:
        return await Request(*arguments, **named).answered(Lane(_pages))

    return asyncio.run(asked())


def test_other_addresses_pass_to_the_pages() -> None:
    found = ask("/peers/", b"abc")

    assert (found.status, found.body, found.reads) == (299, b"/peers/", 0)


def test_a_length_over_the_limit_is_refused_before_a_byte_is_read() -> None:
    found = ask(LOG, b"x", length=5_000_000)

    assert (found.status, found.code, found.reads) == (413, "exchange.frame-limit", 0)


def test_a_body_longer_than_it_declares_is_refused_at_that_length() -> None:
    found = ask(LOG, b"ab", b"cd", b"ef", length=3)

    assert (found.status, found.code, found.reads) == (400, "exchange.body-length", 2)


def test_an_answer_of_a_view_carries_its_length_and_the_headers_of_safety() -> None:
    found = ask(LOG, b"abc", b"def")

    assert (found.status, found.code) == (404, "exchange.log-unknown")
    assert found.headers[b"content-length"] == str(len(found.body)).encode()
    assert found.headers[b"content-type"] == b"application/problem+json"
    assert found.headers[b"x-content-type-options"] == b"nosniff"
    assert len(found.headers[b"x-request-id"]) == 32


def test_an_address_that_is_none_is_a_problem_not_a_page() -> None:
    found = ask("/x/v1/nothing", b"")

    assert (found.status, found.code) == (404, "exchange.address-unknown")


def test_a_host_that_is_not_ours_is_refused() -> None:
    found = ask(LOG, b"", host="elsewhere.example")

    assert (found.status, found.code) == (400, "exchange.host")


def test_bodies_together_are_bounded_and_room_is_given_back() -> None:
    async def crowd() -> list[tuple[int, str]]:
        lane, size = Lane(_pages), 4 * 1024 * 1024
        requests = [Request(LOG, bytes(size)) for _ in range(20)]
        for request in requests:
            request.may_read.clear()
        waiting = [asyncio.create_task(request.answered(lane)) for request in requests]
        await asyncio.sleep(0)
        for request in requests:
            request.may_read.set()
        answers = [await task for task in waiting]
        answers.append(await Request(LOG, bytes(size)).answered(lane))
        return [(answer.status, answer.code) for answer in answers]

    found = asyncio.run(crowd())

    assert found.count((503, "exchange.busy")) == 4
    assert found.count((404, "exchange.log-unknown")) == 17
    assert found[-1] == (404, "exchange.log-unknown")
