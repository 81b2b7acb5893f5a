"""Two real nodes over TLS sockets with an authority of their own, and pins of cards, on both databases."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import secrets
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from passerelle.exchange.trust import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[3]
PEER = {"fr": "ma", "ma": "fr"}
SCRIPT = """
import json, sys
from pathlib import Path
from passerelle.node.installation import enter
folder, peer, *steps = sys.argv[1:]
enter(Path(folder))
from passerelle.exchange.header import Kind
from passerelle.kernel.clock import SystemClock
from passerelle.node.exchange.acts import NewAct, release_acts
from passerelle.node.exchange.courier import bundle_in, bundle_out
from passerelle.node.exchange.models import Cursor, Log
from passerelle.node.exchange.transport import HttpTransport, TransportError
from passerelle.node.exchange.worker import ExchangeWorker
clock, told = SystemClock(), []
for step in steps:
    word, _, place = step.partition("=")
    if word == "say":
        acts = [NewAct(peer, Kind.REPORT, "ab" * 16, {"n": n}) for n in range(int(place))]
        release_acts(acts, clock=clock)
    elif word == "out":
        told += [str(path) for path in bundle_out(Path(place), clock)]
    elif word == "in":
        bundle_in(Path(place), clock)
    elif word == "post":
        try:
            with HttpTransport(5.0) as transport:
                told.append(str(transport.post((place,), f"logs/{'0' * 64}/push", b"x").status))
        except TransportError as error:
            told.append(str(error))
    elif word == "logs":
        found = {log.origin: [log.size, log.root] for log in Log.objects.all()}
        cursors = Cursor.objects.select_related("log")
        told.append([found, {one.log.origin: one.cosigned for one in cursors}])
print(json.dumps(told))
"""


@dataclass(frozen=True)
class Authority:
    """Issue certificates for addresses of this machine."""

    folder: Path
    name: x509.Name
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def make(cls, folder: Path, name: str) -> Authority:
        """Make an authority of our own."""
        folder.mkdir()
        issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        made = cls(folder, issuer, ec.generate_private_key(ec.SECP256R1()))
        basic = x509.BasicConstraints(ca=True, path_length=0)
        own = made._build(issuer, made.key.public_key()).add_extension(basic, critical=True)
        pem = own.sign(made.key, hashes.SHA256()).public_bytes(Encoding.PEM)
        (folder / "authority.pem").write_bytes(pem)
        return made

    def issue(self, name: str) -> tuple[Path, Path]:
        """Issue a certificate with a new key; return both files."""
        key = ec.generate_private_key(ec.SECP256R1())
        place = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        built = self._build(subject, key.public_key()).add_extension(place, critical=False)
        certificate, secret = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        certificate.write_bytes(built.sign(self.key, hashes.SHA256()).public_bytes(Encoding.PEM))
        secret.write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        )
        return certificate, secret

    def _build(self, subject: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return x509.CertificateBuilder(
            issuer_name=self.name,
            subject_name=subject,
            public_key=key,
            serial_number=x509.random_serial_number(),
            not_valid_before=now - timedelta(days=1),
            not_valid_after=now + timedelta(days=30),
        )


@dataclass
class Node:
    """A node with its own certificate."""

    name: str
    folder: Path
    port: int
    environment: dict[str, str]

    @property
    def endpoint(self) -> str:
        """Return its address."""
        return f"https://127.0.0.1:{self.port}"

    def run(self, *words: object) -> str:
        """Run the command line."""
        return self._python("-m", "passerelle.cli", *words)

    def play(self, *steps: str) -> list[Any]:
        """Run steps inside the node."""
        found: list[Any] = json.loads(
            self._python("-c", SCRIPT, self.folder, PEER[self.name], *steps)
        )
        return found

    def start(self, *words: object) -> subprocess.Popen[bytes]:
        """Start a process of the node."""
        command = [sys.executable, "-m", "passerelle.cli", *map(str, words)]
        hidden = subprocess.DEVNULL
        return subprocess.Popen(command, env=self.environment, stdout=hidden, stderr=hidden)

    def _python(self, *words: object) -> str:
        done = subprocess.run(
            [sys.executable, *map(str, words)],
            env=self.environment,
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(name: str, database: str, port: int, authority: Authority) -> dict[str, str]:
    """Return the settings of one node."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PASSERELLE_")}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    certificate, key = authority.issue(name)
    kept |= {
        "PYTHONPATH": str(ROOT / "src"),
        "PASSERELLE_LOG_LEVEL": "error",
        "PASSERELLE_TLS_CERTIFICATE": str(certificate),
        "PASSERELLE_TLS_KEY": str(key),
        "PASSERELLE_EXCHANGE_AUTHORITIES": str(authority.folder / "authority.pem"),
        "PASSERELLE_EXCHANGE_ENDPOINT": f"https://127.0.0.1:{port}",
    }
    if database == "postgresql":
        import psycopg

        base = f"https_{name}_{secrets.token_hex(4)}"
        with psycopg.connect("dbname=postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {base} ENCODING 'UTF8' TEMPLATE template0")
        kept["PASSERELLE_DATABASE_URL"] = f"postgresql:///{base}"
    return kept


@dataclass(frozen=True)
class Pair:
    """Two nodes and who issued their certificates."""

    nodes: dict[str, Node]
    authority: Authority


def has_durable_server() -> bool:
    """Tell whether PostgreSQL is here and syncs: nodes refuse to serve on one that does not."""
    if "PGPORT" not in os.environ:
        return False
    import psycopg

    with psycopg.connect("dbname=postgres") as connection:
        return connection.execute("SHOW fsync").fetchone() == ("on",)


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    """Make two nodes with certificates of one authority; on PostgreSQL when a durable one is given."""
    database = "postgresql" if has_durable_server() else "sqlite"
    authority = Authority.make(tmp_path / "authority", "An authority of our own")
    found = {}
    for name in PEER:
        port = free_port()
        variables = environment(name, database, port, authority)
        found[name] = Node(name, tmp_path / name, port, variables)
        found[name].run("init", tmp_path / name, "--name", name, "--port", port)
    return Pair(found, authority)


def answers(port: int) -> bool:
    """Tell whether somebody listens."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def running(node: Node, *kinds: str) -> Iterator[None]:
    """Let processes of a node run; served means that it answers."""
    processes = [node.start(kind, node.folder) for kind in kinds]
    try:
        deadline = time.monotonic() + 240
        while "serve" in kinds and not answers(node.port):
            assert time.monotonic() < deadline, "the node did not begin to serve"
            time.sleep(0.1)
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=30)


def meet(nodes: dict[str, Node]) -> None:
    """Let both operators pin the other's root and take its card over TLS."""
    for name, peer in PEER.items():
        root = nodes[peer].folder / "exchange" / "trust" / "1.root.json"
        words = ["--root", root, "--fingerprint", fingerprint(root.read_bytes())]
        nodes[name].run(
            "peer", "add", nodes[name].folder, peer, *words, "--endpoint", nodes[peer].endpoint
        )


def settled(nodes: dict[str, Node], size: int) -> bool:
    """Tell whether both hold the same logs of so many entries, each with its receipts."""
    (a, own), (b, others) = (node.play("logs")[0] for node in nodes.values())
    sizes = [found[0] for found in a.values()]
    return a == b and sizes == [size, size] and {**own, **others} == dict.fromkeys(a, size)


@pytest.mark.slow
def test_the_same_roots_over_tls_and_through_a_directory(pair: Pair, tmp_path: Path) -> None:
    nodes = pair.nodes
    with running(nodes["fr"], "serve"), running(nodes["ma"], "serve"):
        meet(nodes)
        with running(nodes["fr"], "work"), running(nodes["ma"], "work"):
            for node in nodes.values():
                node.play("say=120")
            deadline = time.monotonic() + 240
            while not settled(nodes, 120) and time.monotonic() < deadline:
                time.sleep(3)

    assert settled(nodes, 120)
    # The line is cut; the rest travels by courier, twice and in the wrong order.
    stick = tmp_path / "stick"
    boxes = {
        PEER[name]: [Path(p) for p in node.play("say=30", f"out={stick}", "say=5", f"out={stick}")]
        for name, node in nodes.items()
    }
    for name, found in boxes.items():
        bags = []
        for number, box in enumerate([*found[::-1], *found]):
            bags.append(tmp_path / f"bag-{name}-{number}")
            (bags[-1] / f"to-{name}").mkdir(parents=True)
            shutil.copy(box, bags[-1] / f"to-{name}" / box.name)
        nodes[name].play(*(f"in={bag}" for bag in bags), f"out={tmp_path / name}-back")
    for name, node in nodes.items():
        node.play(f"in={tmp_path / PEER[name]}-back")

    assert settled(nodes, 155)


@contextlib.contextmanager
def impostor(port: int, certificate: Path, key: Path) -> Iterator[list[bytes]]:
    """Answer at the address of a node with another certificate; gives what it was sent."""
    context, seen = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), list[bytes]()
    context.load_cert_chain(certificate, key)
    listening = socket.create_server(("127.0.0.1", port))

    def listen() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listening.accept()
                connection.settimeout(5)
                with contextlib.suppress(OSError), context.wrap_socket(connection, True) as wrapped:
                    seen.append(wrapped.recv(4096))

    thread = threading.Thread(target=listen)
    thread.start()
    try:
        yield seen
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(timeout=10)


@pytest.mark.slow
def test_a_certificate_of_another_key_or_authority_ends_the_connection(
    pair: Pair, tmp_path: Path
) -> None:
    fr, ma = pair.nodes["fr"], pair.nodes["ma"]
    with running(ma, "serve"), running(fr, "serve"):
        meet(pair.nodes)
        assert fr.play(f"post={ma.endpoint}") == ["404"]

    stranger = Authority.make(tmp_path / "stranger", "Somebody else")
    with impostor(ma.port, *stranger.issue("ma")) as seen:
        told = fr.play(f"post={ma.endpoint}")[0]
    assert told == "No answer (certificate: unable to get local issuer certificate)."
    assert set(seen) <= {b""}
    with impostor(ma.port, *pair.authority.issue("other")) as seen:
        told = fr.play(f"post={ma.endpoint}")[0]
    assert told == "No answer (a certificate of another key than the card names)."
    assert set(seen) <= {b""}


@pytest.mark.slow
def test_a_peer_with_a_new_certificate_tells_of_it_in_its_card(pair: Pair) -> None:
    fr, ma = pair.nodes["fr"], pair.nodes["ma"]
    with running(ma, "serve"), running(fr, "serve"):
        meet(pair.nodes)
    certificate, key = pair.authority.issue("newer")
    newer = {"PASSERELLE_TLS_CERTIFICATE": str(certificate), "PASSERELLE_TLS_KEY": str(key)}
    ma.environment.update(newer)

    with running(ma, "serve", "work"):
        assert "of another key" in fr.play(f"post={ma.endpoint}")[0]
        deadline = time.monotonic() + 120
        while fr.play(f"post={ma.endpoint}") != ["404"] and time.monotonic() < deadline:
            fr.run("peer", "refresh", fr.folder, "ma")
        assert fr.play(f"post={ma.endpoint}") == ["404"]
