"""Verify a Passerelle pack offline and say in words what was proved.

This file stands alone: Python 3.11 and ``cryptography`` 50, no network, nothing of Passerelle; an
independent reading of the published specification. Checked from the outside in: files; roots and
cards, with thresholds in both families; checkpoints; receipts; entries; contents; deadlines.

Exit code: 0 all is proved, 1 sound with remarks, 2 broken.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import hashlib
import json
import re
import struct
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key

MANIFEST = "manifest.json"
Lines = list[tuple[str, bytes]]
KEY_SIZES = {"ed25519": 32, "ml-dsa-65": 1952, "ml-dsa-87": 2592}
KINDS = ed25519.Ed25519PublicKey, mldsa.MLDSA65PublicKey, mldsa.MLDSA87PublicKey
LOADERS: dict[str, Any] = dict(zip(KEY_SIZES, KINDS, strict=True))
SUITES = {"S1": ("ed25519", "ml-dsa-65"), "S2": ("ed25519", "ml-dsa-87")}
MALFORMED = (
    LookupError, ValueError, TypeError, AttributeError, RecursionError, struct.error, StopIteration,
    ArithmeticError, OSError, MemoryError, UnsupportedAlgorithm,
)  # fmt: skip
MOST_DOSSIERS = 12
LANGUAGES = ("en", "fr", "ar")
LAST = datetime(9999, 12, 31, tzinfo=UTC)
ORIGIN = re.compile(r"([a-z0-9.-]{1,64})/to/([a-z0-9.-]{1,64})/epoch-([1-9][0-9]{0,8})")
EARLIER = re.compile(r"[0-9]{1,9}\.node\.json")
LINE_TYPES = {
    False: (b"\x01", b"\xffpasserelle/"),
    True: (b"\x04", b"\xffpasserelle/cosignature-"),
}
KEY_FIELDS = "log_keys", "receipt_keys"
LAYOUT = re.compile(
    r"trust/[a-z0-9.-]{1,64}/([0-9]{1,9}\.)?(root|timestamp|snapshot|targets|node)\.json"
    r"|logs/[0-9a-f]{64}/(origin|entries|checkpoints|receipts)"
    r"|open/[0-9a-f]{64}/(att-[0-9]{1,2}-)?(salt|content)|evidence/[a-z-]{1,40}/[0-9]{1,6}"
)


class BrokenError(Exception):
    """Say that the pack contradicts itself or the keys; the code names the sentence."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


def roots_at(leaves: list[bytes], sizes: set[int]) -> dict[int, bytes]:
    """Return the root over the first leaves, for each size wanted (RFC 9162, section 2.1)."""
    found = {0: hashlib.sha256(b"").digest()} if 0 in sizes else {}
    stack: list[bytes] = []
    for count, leaf in enumerate(leaves):
        node, level = leaf, count
        while level % 2 == 1:
            node = hashlib.sha256(b"\x01" + stack.pop() + node).digest()
            level //= 2
        stack.append(node)
        if count + 1 in sizes:
            for left in stack[-2::-1]:
                node = hashlib.sha256(b"\x01" + left + node).digest()
            found[count + 1] = node
    return found


def verifies(algorithm: str, raw: bytes, signature: bytes, data: bytes) -> bool:
    """Tell whether a signature is of a raw public key."""
    try:
        LOADERS[algorithm].from_public_bytes(raw).verify(signature, data)
    except (InvalidSignature, KeyError, ValueError):
        return False
    return True


@dataclass
class Key:
    """A key of a card with its window, as instants."""

    algorithm: str
    raw: bytes
    since: datetime
    until: datetime | None
    revoked: datetime | None

    def holds(self, at: datetime) -> bool:
        """Tell whether the key was good at an instant."""
        ends = [end for end in (self.until, self.revoked) if end]
        return self.since <= at and all(at < end for end in ends)


def read_keys(found: list[dict[str, Any]]) -> list[Key]:
    """Read the keys of a card."""
    keys = []
    for item in found:
        text = item["key"] + "=" * (-len(item["key"]) % 4)
        raw = base64.b64decode(text, altchars=b"-_", validate=True)
        if len(raw) != KEY_SIZES.get(item["alg"], -1):
            raise BrokenError("key-size", alg=item["alg"])
        window = [instant(item[name]) if name in item else None for name in ("until", "revoked")]
        keys.append(Key(item["alg"], raw, instant(item["from"]), window[0], window[1]))
    return keys


def instant(text: str) -> datetime:
    """Read YYYY-MM-DDTHH:MM:SSZ."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def unhex(text: str) -> bytes:
    """Read lower-case hexadecimal, so that a signature has one form only."""
    raw = bytes.fromhex(text)
    if raw.hex() != text:
        raise BrokenError("malformed", error="hex")
    return raw


def canonical(value: Any) -> str:
    """Write the canonical JSON that TUF signs (OLPC): keys sorted, only quote and backslash escaped."""
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if value is True or value is False or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "[" + ",".join(canonical(item) for item in value) + "]"
    if isinstance(value, dict):
        pairs = (f"{canonical(key)}:{canonical(value[key])}" for key in sorted(value))
        return "{" + ",".join(pairs) + "}"
    raise BrokenError("tuf-kind")


def tuf_verifies(key: dict[str, Any], signature: bytes, data: bytes) -> str:
    """Return the family of a valid TUF signature, or an empty text."""
    public = key["keyval"]["public"]
    try:
        if (key["keytype"], key["scheme"]) == ("ed25519", "ed25519"):
            raw = unhex(public)
            return "Ed25519" if verifies("ed25519", raw, signature, data) else ""
        if key["keytype"] == "ml-dsa" and key["scheme"] in {"ml-dsa-65/1", "ml-dsa-87/1"}:
            loaded: Any = load_pem_public_key(public.encode())
            # TUF augmentation proposal 21: what is signed is a tagged SHA-512.
            loaded.verify(signature, b"tuf\x01" + hashlib.sha512(data).digest())
            return "ML-DSA"
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return ""
    return ""


def check_role(data: bytes, role: str, root: dict[str, Any]) -> dict[str, Any]:
    """Check one trust file against a root: threshold, and enough keys of each family."""
    found = json.loads(data)
    signed = found["signed"]
    if signed["_type"] != role:
        raise BrokenError("role-type", role=role, _type=signed["_type"])
    message = canonical(signed).encode()
    rule = root["roles"][role]
    families: dict[str, set[str]] = {"Ed25519": set(), "ML-DSA": set()}
    for item in found["signatures"]:
        if item["keyid"] in rule["keyids"] and item["keyid"] in root["keys"]:
            key = root["keys"][item["keyid"]]
            family = tuf_verifies(key, unhex(item["sig"]), message)
            if family:
                families[family].add(key["keyval"]["public"])
    needed = max(3 if role == "root" else 1, rule["threshold"] // 2)
    for family, keys in families.items():
        if len(keys) < needed:
            raise BrokenError("role-family", role=role, n=len(keys), needed=needed, family=family)
    if sum(len(keys) for keys in families.values()) < rule["threshold"]:
        raise BrokenError("role-threshold", role=role, threshold=rule["threshold"])
    return dict(signed)


@dataclass
class Node:
    """What a pack shows of one node: roots, and each card with its version."""

    name: str
    fingerprint: str
    log_keys: list[Key]
    receipt_keys: list[Key]
    suites: tuple[str, ...]


def check_node(name: str, files: dict[str, bytes]) -> Node:
    """Check the chain of roots of a node and all its cards; windows of the newest card rule."""
    numbers = sorted(int(key.split(".")[0]) for key in files if key.endswith(".root.json"))
    if not numbers or numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        raise BrokenError("root-gap", name=name)
    chain: list[dict[str, Any]] = []
    for number in numbers:
        data = files[f"{number}.root.json"]
        root = json.loads(data)["signed"]
        for signer in (*chain[-1:], root):
            check_role(data, "root", signer)
        chain.append(root)
        if root["version"] != number:
            raise BrokenError("root-version", number=number, name=name)
    timestamp = check_role(files["timestamp.json"], "timestamp", root)
    snapshot = check_role(files["snapshot.json"], "snapshot", root)
    targets = check_role(files["targets.json"], "targets", root)
    stated = timestamp["meta"] | snapshot["meta"] | targets["targets"]
    for part in ("snapshot.json", "targets.json", "node.json"):
        if stated[part]["hashes"]["sha256"] != hashlib.sha256(files[part]).hexdigest():
            raise BrokenError("role-file", part=part, name=name)
    card = json.loads(files["node.json"])
    if card["node"] != name:
        raise BrokenError("card-node", name=name, node=card["node"])
    suites = tuple(suite for suite in card["suites"] if suite in SUITES)
    cards = [card, *earlier_cards(name, files, chain)]
    merged = [{k.raw: k for c in cards[::-1] for k in read_keys(c[f])} for f in KEY_FIELDS]
    digest = hashlib.sha256(files[f"{numbers[0]}.root.json"]).hexdigest()
    return Node(name, digest, list(merged[0].values()), list(merged[1].values()), suites)


def earlier_cards(name: str, files: dict[str, bytes], chain: list[Any]) -> list[dict[str, Any]]:
    """Check every earlier card under the root of its day; newest first, newer windows rule."""
    cards = []
    for number in sorted((int(f[:-10]) for f in files if EARLIER.fullmatch(f)), reverse=True):
        targets, data, stated = files[f"{number}.targets.json"], files[f"{number}.node.json"], ""
        for root in chain:
            with contextlib.suppress(BrokenError):
                signed = check_role(targets, "targets", root)
                stated = signed["targets"]["node.json"]["hashes"]["sha256"]
        card = json.loads(data)
        if stated != hashlib.sha256(data).hexdigest() or card["node"] != name:
            raise BrokenError("earlier-card", number=number, name=name)
        cards.append(card)
    return cards


def read_note(data: bytes) -> tuple[bytes, Lines]:
    """Split a note into its text and its signature lines."""
    text, gap, tail = data.rpartition(b"\n\n")
    if not gap or not tail.endswith(b"\n"):
        raise BrokenError("note-lines")
    lines = []
    for line in tail[:-1].decode().split("\n"):
        match = re.fullmatch(r"— ([^ ]+) ([A-Za-z0-9+/=]+)", line)
        if match is None:
            raise BrokenError("base64")
        lines.append((match[1], unbase64(match[2])))
    return text + b"\n", lines


def unbase64(text: str) -> bytes:
    """Read base64 in its one canonical form."""
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text:
        raise BrokenError("base64")
    return raw


def read_checkpoint(text: bytes, origin: str) -> tuple[int, bytes]:
    """Read the three lines of a checkpoint of a log."""
    match = re.fullmatch(rb"([^\n]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\n", text)
    if match is None or match[1].decode() != origin:
        raise BrokenError("checkpoint-origin", origin=origin)
    return int(match[2]), unbase64(match[3].decode())


def check_lines(
    lines: Lines, name: str, keys: list[Key], suite: str, text: bytes, *, receipt: bool
) -> datetime | None:
    """Check a note under one key of each family; for a receipt return its time, one for both."""
    times: dict[str, set[int]] = {algorithm: set() for algorithm in SUITES[suite]}
    for line_name, blob in lines:
        seconds, data, signature = 0, text, blob[4:]
        if receipt and len(blob) > 12:
            (seconds,) = struct.unpack(">Q", blob[4:12])
            data, signature = b"cosignature/v1\ntime %d\n" % seconds + text, blob[12:]
        if line_name != name or seconds >= LAST.timestamp():
            continue
        for key in keys:
            classic, other = LINE_TYPES[receipt]
            kind = classic if key.algorithm == "ed25519" else other + key.algorithm.encode()
            hint = hashlib.sha256(name.encode() + b"\n" + kind + key.raw).digest()[:4]
            good = not receipt or key.holds(datetime.fromtimestamp(seconds, UTC))
            known = key.algorithm in times and blob[:4] == hint and good
            if known and verifies(key.algorithm, key.raw, signature, data):
                times[key.algorithm].add(seconds)
    common = set.intersection(*times.values())
    if not common:
        raise BrokenError("signature", what="@receipt" if receipt else "@checkpoint", name=name)
    return datetime.fromtimestamp(min(common), UTC) if receipt else None


@dataclass
class Log:
    """What a pack shows of one log."""

    origin: str
    writer: str
    reader: str
    leaves: list[bytes] = field(default_factory=list)
    headers: dict[int, bytes] = field(default_factory=dict)
    shown: dict[int, dict[str, Any]] = field(default_factory=dict)
    receipts: list[tuple[int, datetime]] = field(default_factory=list)
    safe: int = 0
    suite: str = "S1"

    @property
    def proved(self) -> int:
        """Number of entries under an accepted receipt."""
        return max((size for size, _ in self.receipts), default=0)

    def receipted_at(self, index: int) -> datetime | None:
        """Return the earliest receipt that covers an entry."""
        return min((at for size, at in self.receipts if size > index), default=None)


def read_blocks(data: bytes) -> list[bytes]:
    """Split length-prefixed blocks."""
    blocks, at = [], 0
    while at < len(data):
        blocks.append(read_block(data, at))
        at += 4 + len(blocks[-1])
    return blocks


def read_block(data: bytes, at: int) -> bytes:
    """Read one length-prefixed block."""
    (size,) = struct.unpack(">I", data[at : at + 4])
    if len(data) - at - 4 < size:
        raise BrokenError("malformed", error="length")
    return data[at + 4 : at + 4 + size]


def read_entries(log: Log, data: bytes) -> None:
    """Read entries: 0x00 and a leaf hash when withheld, 0x01, a length and the header when shown."""
    at = 0
    while at < len(data):
        if data[at] == 0 and len(data) - at >= 33:
            log.leaves.append(data[at + 1 : at + 33])
            at += 33
        elif data[at] == 1 and len(header := read_block(data, at + 1)):
            size = len(header)
            log.headers[len(log.leaves)] = header
            log.leaves.append(hashlib.sha256(b"\x00" + header).digest())
            at += 5 + size
        else:
            raise BrokenError("entries-form", origin=log.origin)


def check_log(files: dict[str, bytes], nodes: dict[str, Node], say: Report) -> Log:
    """Check one log: entries, checkpoints, receipts."""
    origin = files["origin"].decode()
    match = ORIGIN.fullmatch(origin)
    if match is None or match[1] not in nodes or match[2] not in nodes:
        raise BrokenError("log-nodes", origin=repr(origin[:80]))
    log = Log(origin, match[1], match[2])
    writer, reader = nodes[log.writer], nodes[log.reader]
    suite = log.suite = next(name for name in writer.suites if name in reader.suites)
    read_entries(log, files["entries"])
    stated: dict[int, bytes] = {}
    for block in read_blocks(files["checkpoints"]):
        text, lines = read_note(block)
        size, root = read_checkpoint(text, origin)
        good = [key for key in writer.log_keys if key.revoked is None]
        try:
            check_lines(lines, origin, good, suite, text, receipt=False)
            log.safe = max(log.safe, size)
        except BrokenError:
            check_lines(lines, origin, writer.log_keys, suite, text, receipt=False)
        if stated.setdefault(size, root) != root:
            raise BrokenError("two-records", writer=log.writer, size=size, origin=origin)
    for block in read_blocks(files["receipts"]):
        text, lines = read_note(block)
        size, root = read_checkpoint(text, origin)
        if stated.get(size) != root:
            raise BrokenError("receipt-loose", size=size, origin=origin)
        at = check_lines(lines, log.reader, reader.receipt_keys, suite, text, receipt=True)
        log.receipts.append((size, at or LAST))
        if all((at or LAST) < (key.revoked or LAST) for key in writer.log_keys):
            log.safe = max(log.safe, size)
    roots = roots_at(log.leaves, set(stated))
    for size, root in sorted(roots.items()):
        if root != stated[size]:
            raise BrokenError("entries-other", size=size, origin=origin)
    missing = [size for size in stated if size not in roots]
    if missing:
        raise BrokenError("entries-short", origin=origin, size=max(missing))
    if log.leaves and len(log.leaves) not in stated:
        raise BrokenError("entries-loose", origin=origin)
    read_headers(log, say)
    return log


def read_headers(log: Log, say: Report) -> None:
    """Read the headers shown; one not in canonical form, or of another place, is a remark."""
    for index, data in log.headers.items():
        try:
            header = json.loads(data, object_pairs_hook=in_order)
            text = json.dumps(header, ensure_ascii=False, separators=(",", ":"))
            fits = (header["origin"], header["index"], text.encode()) == (log.origin, index, data)
        except (ValueError, KeyError, TypeError, RecursionError):
            fits = False
        if fits:
            log.shown[index] = header
        else:
            say.add("remarks", "unreadable", index=index, origin=log.origin)


def in_order(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Take the keys of an object once each, in the order of RFC 8785."""
    keys = [key.encode("utf-16-be") for key, _ in pairs]
    if keys != sorted(set(keys)):
        raise ValueError
    return dict(pairs)


@dataclass
class Report:
    """Collect sentences in one language: what is proved, remarks, what is broken."""

    language: str = "en"
    proved: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def add(self, kind: str, code: str, **params: Any) -> None:
        """Add the sentence of a code."""
        getattr(self, kind).append(self.words(code, **params))

    def words(self, code: str, **params: Any) -> str:
        """Write the sentence of a code."""
        shown = {name: self._shown(value) for name, value in params.items()}
        return SENTENCES[code][LANGUAGES.index(self.language)].format(**shown)

    def _shown(self, value: Any) -> Any:
        if isinstance(value, datetime):
            return f"{value:%Y-%m-%d %H:%M:%S}"
        return self.words(value[1:]) if str(value)[:1] == "@" else value


def report_log(log: Log, say: Report) -> None:
    """Say what is proved about one log."""
    names = {"origin": log.origin, "writer": log.writer, "reader": log.reader}
    total, proved, n = len(log.leaves), log.proved, len(log.headers)
    erased = sum(1 for h in log.shown.values() if h.get("kind") == "notice.erasure")
    say.add("proved", "log", **names, total=total, n=n, n2=total - n, erased=erased)
    if log.receipts:
        last = max(at for size, at in log.receipts if size == proved)
        say.add("proved", "received", proved=proved, total=total, last=last, **names)
    if log.safe < total:
        say.add("remarks", "revoked", first=log.safe, last=total - 1, **names)
    if log.shown.get(0, {}).get("kind") == "notice.epoch":
        say.add("proved", "closed", **names)
    if proved < total:
        say.add("remarks", "unreceipted", n=total - proved, **names)


def report_dossiers(logs: list[Log], say: Report) -> None:
    """Name the entries shown of each dossier, unless there are many dossiers."""
    cases: dict[str, list[str]] = {}
    for log in logs:
        for index, header in log.shown.items():
            said = f"{log.writer} {index} {header['kind']}"
            cases.setdefault(header["case"], []).append(said)
    for case, told in sorted(cases.items()) if len(cases) <= MOST_DOSSIERS else []:
        say.add("proved", "dossier", case=case, n=len(told), said=", ".join(told))


def report_entry(logs: list[Log], entry: str, say: Report) -> None:
    """Say who said one entry, where it stands and when it was received."""
    shown = by_entry(logs).get(entry)
    if shown is None:
        return say.add("remarks", "entry-hidden", entry=entry)
    log, index, header = shown
    names = {"said": header["kind"], "case": header["case"], "office": header["from_office"]}
    names |= {"origin": log.origin, "writer": log.writer, "reader": log.reader}
    say.add("proved", "entry", entry=entry, index=index, **names)
    at = log.receipted_at(index)
    kind, code = ("proved", "entry-received") if at else ("remarks", "entry-open")
    return say.add(kind, code, entry=entry, at=at, **names)


def by_entry(logs: list[Log]) -> dict[str, tuple[Log, int, dict[str, Any]]]:
    """List the entries shown by their ids."""
    return {
        hashlib.sha256(log.headers[index]).hexdigest(): (log, index, header)
        for log in logs
        for index, header in log.shown.items()
    }


def report_evidence(
    files: dict[str, bytes], logs: list[Log], nodes: dict[str, Node], say: Report
) -> None:
    """Judge what was kept against a peer: a signed checkpoint over another record is proof."""
    found = {log.origin: log for log in logs}
    for kind, parts in folders(files, "evidence").items():
        digest = hashlib.sha256(b"".join(parts[name] for name in sorted(parts))).hexdigest()
        say.add("remarks", "evidence", name=kind, n=len(parts), digest=digest)
        for part in parts.values():
            with contextlib.suppress(BrokenError, *MALFORMED):
                text, lines = read_note(part)
                log = found[text.decode().split("\n")[0]]
                size, root = read_checkpoint(text, log.origin)
                keys = nodes[log.writer].log_keys
                check_lines(lines, log.origin, keys, log.suite, text, receipt=False)
                if roots_at(log.leaves, {size}).get(size, root) != root:
                    say.add("proved", "forked", origin=log.origin, writer=log.writer, size=size)


def report_deadlines(logs: list[Log], say: Report) -> None:
    """Say which deadlines were kept, from receipts alone."""
    shown = by_entry(logs)
    answers: dict[str, list[datetime]] = {}
    for log, index, header in shown.values():
        at = log.receipted_at(index)
        for target in header.get("re", []) if at and header["kind"] != "acknowledge" else []:
            if target in shown and shown[target][0].reader == log.writer:
                answers.setdefault(target, []).append(at or LAST)
    for entry, (log, index, header) in shown.items():
        due, start = header.get("due"), log.receipted_at(index)
        place = say.words("place", index=index, origin=log.origin)
        if not due or not start:
            continue
        if due["unit"] == "working" or header["due_from"] == "confirmed_receipt":
            say.add("remarks", "due-open", place=place)
            continue
        start = instant(header["issued"]) if header["due_from"] == "sent" else start
        until = start + timedelta(hours=due["value"] * (1 if due["unit"] == "hours" else 24))
        when = min(answers.get(entry, []), default=None)
        code = "due-missing" if not when else "due-kept" if when <= until else "due-late"
        kind = "proved" if code == "due-kept" else "remarks"
        say.add(kind, code, place=place, when=when, until=until)


def report_contents(files: dict[str, bytes], logs: list[Log], say: Report) -> None:
    """Check every disclosed content against what its header says of it."""
    shown, count = by_entry(logs), 0
    for entry, parts in folders(files, "open").items():
        if entry not in shown:
            raise BrokenError("open-hidden", entry=entry[:12])
        log, index, header = shown[entry]
        for label in {name.removesuffix("salt").removesuffix("content") for name in parts}:
            place = header["att"][int(label[4:-1])] if label else header["body"]
            data, named = parts[label + "content"], place.get("ct")
            if "commit" in place:
                data = b"passerelle/commit/v1\x00" + parts[label + "salt"] + data
                named = place["commit"]
            if named != hashlib.sha256(data).hexdigest():
                raise BrokenError("open-other", index=index, origin=log.origin)
            count += 1
    if count:
        say.add("proved", "contents", count=count)


def report_absence(logs: list[Log], case: str, before: datetime, say: Report) -> None:
    """Prove that a dossier has no further entry before an instant, or say why it cannot be."""
    for log in logs:
        later = [(at, size) for size, at in log.receipts if at >= before]
        if len(log.shown) < len(log.leaves) or not later:
            say.add("remarks", "absence-open", origin=log.origin, before=before)
            continue
        at, size = min(later)
        mine = [index for index in range(size) if log.shown[index]["case"] == case]
        found = [index for index in mine if (log.receipted_at(index) or at) < before]
        n2, names = ", ".join(map(str, found)) or "@none", {"origin": log.origin, "case": case}
        say.add("proved", "absence", before=before, n=len(found), n2=n2, size=size, at=at, **names)


def compare(first: dict[str, Log], second: dict[str, Log], say: Report) -> None:
    """Say whether two packs tell the same record, and up to which size."""
    for log_id in sorted(first.keys() & second.keys()):
        a, b = first[log_id], second[log_id]
        size = min(len(a.leaves), len(b.leaves))
        split = next((i for i in range(size) if a.leaves[i] != b.leaves[i]), size)
        if split < size:
            say.add("broken", "two-stories", origin=a.origin, split=split, writer=a.writer)
        else:
            say.add("proved", "agree", origin=a.origin, size=size)
    for log_id in sorted(first.keys() ^ second.keys()):
        say.add("remarks", "only-one", origin=(first | second)[log_id].origin)


def ustar(name: str, size: int) -> bytes:
    """Write the one header that a file of this name and size may have."""
    head = b"%-100s0000644\0%s%011o\0%011o\0" % (b"", b"0000000\0" * 2, size, 0)
    head = name.encode().ljust(100, b"\0") + head[100:]
    tail = b"0" + bytes(100) + b"ustar\x0000" + bytes(247)
    return head + b"%06o\0 " % (sum(head) + sum(tail) + 256) + tail


def read_pack(data: bytes) -> dict[str, bytes]:
    """Read a pack in its one canonical form: the list of files, then each, in order."""
    if data[:513] != ustar(MANIFEST, int(data[124:135] or b"0", 8)) + b"{":
        raise BrokenError("form")
    files: dict[str, bytes] = {}
    names, hashes, at = [MANIFEST], [""], 0
    while at < len(data) and data[at]:
        place = len(files)
        if place == len(names):
            raise BrokenError("manifest")
        size = int(data[at + 124 : at + 135], 8)
        start, end = at + 512, at + 512 + size + -size % 512
        if data[at:start] != ustar(names[place], size) or any(data[start + size : end]):
            raise BrokenError("form")
        part = files[names[place]] = data[start : start + size]
        if place == 0:
            listed = json.loads(part)["files"]
            if canonical({"files": listed, "v": 1}).encode() != part:
                raise BrokenError("manifest")
            names += listed
            hashes += listed.values()
        elif hashlib.sha256(part).hexdigest() != hashes[place] or not LAYOUT.fullmatch(
            names[place]
        ):
            raise BrokenError("manifest")
        at = end
    if data[at:] != bytes(1024 + (-(at + 1024) % 10_240)) or len(files) < len(names):
        raise BrokenError("form")
    return files


def folders(files: dict[str, bytes], top: str) -> dict[str, dict[str, bytes]]:
    """Group files below a folder by the name of the next folder."""
    found: dict[str, dict[str, bytes]] = {}
    for name, data in files.items():
        parts = name.split("/")
        if parts[0] == top and len(parts) == 3:
            found.setdefault(parts[1], {})[parts[2]] = data
    return found


def verify(data: bytes, roots: dict[str, str], say: Report) -> dict[str, Log]:
    """Verify one pack; returns its logs by id."""
    return verify_files(read_pack(data), roots, say)


def verify_files(files: dict[str, bytes], roots: dict[str, str], say: Report) -> dict[str, Log]:
    """Verify the files of a pack from the outside in: keys, logs, contents, deadlines."""
    nodes = {name: check_node(name, found) for name, found in folders(files, "trust").items()}
    for name, node in sorted(nodes.items()):
        if name in roots and roots[name] not in {node.fingerprint, words(node.fingerprint)}:
            raise BrokenError("root-other", name=name)
        pinned = "@given" if name in roots else "@compare"
        say.add("proved", "keys", name=name, words=words(node.fingerprint), pinned=pinned)
        if name not in roots:
            say.add("remarks", "root-unknown", name=name)
    logs = {}
    for log_id, found in sorted(folders(files, "logs").items()):
        log = logs[log_id] = check_log(found, nodes, say)
        if hashlib.sha256(log.origin.encode()).hexdigest() != log_id:
            raise BrokenError("log-id")
        report_log(log, say)
    shown = list(logs.values())
    report_contents(files, shown, say)
    report_deadlines(shown, say)
    report_dossiers(shown, say)
    report_evidence(files, shown, nodes, say)
    return logs


def words(fingerprint: str) -> str:
    """Write a fingerprint as sixteen words (Wilkerson 2009, proquints)."""
    consonants, vowels, raw, found = "bdfghjklmnprstvz", "aiou", bytes.fromhex(fingerprint), []
    for at in range(0, 32, 2):
        bits = raw[at] << 8 | raw[at + 1]
        c = [consonants[bits >> shift & 15] for shift in (12, 6, 0)]
        found.append(c[0] + vowels[bits >> 10 & 3] + c[1] + vowels[bits >> 4 & 3] + c[2])
    return "-".join(found)


def main(arguments: list[str] | None = None) -> int:
    """Verify one pack, or two against each other, and print what was proved."""
    parser = argparse.ArgumentParser(prog="passerelle_verify", description="Verify a pack offline.")
    parser.add_argument("pack", nargs="+", help="one pack, or two to compare")
    parser.add_argument("--root", action="append", default=[], metavar="NODE=FINGERPRINT")
    parser.add_argument("--entry", default="", metavar="ENTRY")
    parser.add_argument("--absence", default="", metavar="CASE")
    parser.add_argument("--before", default="", metavar="INSTANT")
    parser.add_argument("--language", choices=LANGUAGES, default="en")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    say = Report(chosen.language)
    found: list[dict[str, Log]] = []
    try:
        roots = dict(item.split("=", 1) for item in chosen.root)
        before = instant(chosen.before) if chosen.absence else LAST
    except ValueError:
        print(say.words("usage"), file=sys.stderr)
        return 2
    for path in chosen.pack[:2]:
        try:
            found.append(verify(Path(path).read_bytes(), roots, say))
            if chosen.entry:
                report_entry(list(found[-1].values()), chosen.entry, say)
            if chosen.absence:
                report_absence(list(found[-1].values()), chosen.absence, before, say)
        except BrokenError as error:
            say.add("broken", error.code, **error.params)
        except MALFORMED as error:
            name = "unread" if isinstance(error, OSError) else "malformed"
            say.add("broken", name, error=type(error).__name__, path=path)
    if len(found) == 2:
        compare(found[0], found[1], say)
    code = 2 if say.broken else 1 if say.remarks else 0
    if chosen.json:
        value = {"code": code, "proved": say.proved, "remarks": say.remarks, "broken": say.broken}
        print(json.dumps(value, indent=1))
        return code
    bad = [say.words("remark", text=text) for text in say.remarks]
    bad += [say.words("broken", text=text.rstrip(".")) for text in say.broken]
    print("\n".join([*say.proved, *bad, say.words(f"verdict-{code}")]))
    return code


TABLE = """
tuf-kind
a trust file holds something else than text, integers, lists and objects
un fichier de confiance contient autre chose que texte, entiers, listes et objets
ملف ثقة يحتوي على غير النصوص والأعداد والقوائم والكائنات
log
{writer} to {reader} ({origin}): {total} entries, signed by {writer} with Ed25519 and ML-DSA; none was added, changed, moved or left out. {n} are shown, {n2} withheld; {erased} are notices of erasure.
{writer} à {reader} ({origin}) : {total} entrées, signées par {writer} avec Ed25519 et ML-DSA ; aucune n’a été ajoutée, modifiée, déplacée ni omise. {n} sont montrées, {n2} retenues ; {erased} sont des avis d’effacement.
من {writer} إلى {reader} ({origin}): {total} قيدًا وقّعها {writer} بخوارزميتي Ed25519 وML-DSA؛ لم يُضف أي منها ولم يُغيَّر ولم يُنقل ولم يُحذف. المعروض {n} والمحجوب {n2}؛ ومنها {erased} إشعارات محو.
role-type
a file of the role {role} says that it is {_type}
un fichier du rôle {role} dit être {_type}
ملف الدور {role} يقول إنه {_type}
role-threshold
{role} misses its threshold of {threshold}
{role} n’atteint pas son seuil de {threshold}
لم يبلغ {role} عتبته البالغة {threshold}
root-gap
the roots of {name} have a gap
la suite des racines de {name} a une lacune
في سلسلة جذور {name} ثغرة
card-node
the card of {name} names {node}
la carte de {name} nomme {node}
بطاقة {name} تسمّي {node}
note-lines
a note has no signature lines
une note n’a pas de ligne de signature
مذكرة بلا أسطر توقيع
checkpoint-origin
a checkpoint is not one of {origin}
un point de contrôle n’est pas de {origin}
نقطة تحقق ليست من {origin}
base64
a signature line or a root is not in its canonical form
une ligne de signature ou une racine n’est pas dans sa forme canonique
سطر توقيع أو جذر ليس في صيغته المعيارية
signature
a {what} of {name} lacks a valid signature of one of the two families
il manque à un {what} de {name} une signature valable d’une des deux familles
ينقص {what} من {name} توقيع صحيح من إحدى العائلتين
log-nodes
the log {origin} is of nodes that the pack does not show
le journal {origin} est de nœuds que le paquet ne montre pas
السجل {origin} لعُقد لا تعرضها الحزمة
entries-short
{origin} was signed with {size} entries, the pack shows fewer
{origin} a été signé avec {size} entrées, le paquet en montre moins
وُقّع {origin} بعدد {size} من القيود والحزمة تعرض أقل
entries-loose
the last entries of {origin} stand under no checkpoint
les dernières entrées de {origin} ne sont sous aucun point de contrôle
القيود الأخيرة من {origin} ليست تحت أي نقطة تحقق
received
  {proved} of {total} are proved received: {reader} signed on {last} UTC that exactly these {proved} entries were durable there. Neither side can deny them.
  {proved} sur {total} sont prouvées reçues : {reader} a signé le {last} UTC que ces {proved} entrées, exactement, y étaient conservées. Aucune partie ne peut les nier.
  ثبت تسلّم {proved} من {total}: وقّع {reader} في {last} UTC بأن هذه القيود البالغة {proved} بالضبط محفوظة لديه. لا يمكن لأي طرف إنكارها.
unreceipted
{n} entries of {origin} have no receipt yet.
{n} entrées de {origin} n’ont pas encore d’accusé de réception.
{n} من قيود {origin} بلا إشعار بالتوصل بعد.
contents
{count} contents are disclosed, each as its entry committed to.
{count} contenus sont divulgués, chacun tel que son entrée s’y est engagée.
كُشف عن {count} من المحتويات، كل منها كما التزم به قيده.
absence
Absence in {origin}: before {before} UTC the dossier {case} has exactly {n} entries ({n2}) and no other; all {size} entries up to the receipt of {at} UTC were looked at.
Absence dans {origin} : avant le {before} UTC, le dossier {case} a exactement {n} entrées ({n2}) et aucune autre ; les {size} entrées jusqu’à l’accusé du {at} UTC ont toutes été examinées.
الغياب في {origin}: قبل {before} UTC للملف {case} بالضبط {n} من القيود ({n2}) ولا غيرها؛ فُحصت كل القيود البالغة {size} حتى الإشعار بالتوصل في {at} UTC.
only-one
Only one of the packs shows {origin}.
Un seul des paquets montre {origin}.
حزمة واحدة فقط تعرض {origin}.
form
the pack is not in its one canonical form
le paquet n’est pas dans sa forme canonique unique
الحزمة ليست في صيغتها المعيارية الوحيدة
manifest
the list of files does not match the files
la liste des fichiers ne correspond pas aux fichiers
قائمة الملفات لا تطابق الملفات
keys
Keys of {name}: root {words} ({pinned}).
Clés de {name} : racine {words} ({pinned}).
مفاتيح {name}: الجذر {words} ({pinned}).
evidence
The pack carries what was kept as evidence of “{name}”: {n} parts, SHA-256 {digest}.
Le paquet contient ce qui a été gardé comme preuve de « {name} » : {n} parties, SHA-256 {digest}.
تحمل الحزمة ما حُفظ دليلًا على «{name}»: {n} من الأجزاء، SHA-256 {digest}.
forked
The evidence proves that {writer} also signed another record of {size} entries in {origin}: it told two stories.
La preuve établit que {writer} a aussi signé un autre registre de {size} entrées dans {origin} : il a raconté deux histoires.
يثبت الدليل أن {writer} وقّع أيضًا سجلًا آخر من {size} من القيود في {origin}: روى قصتين.
dossier
Dossier {case}: {n} entries are shown ({said}).
Dossier {case} : {n} entrées sont montrées ({said}).
الملف {case}: عُرض {n} من القيود ({said}).
entry
Entry {entry} is number {index} of {origin}: {writer} ({office}) said it to {reader} as {said} in the dossier {case}.
L’entrée {entry} est le numéro {index} de {origin} : {writer} ({office}) l’a dite à {reader} comme {said} dans le dossier {case}.
القيد {entry} هو رقم {index} في {origin}: قاله {writer} ({office}) إلى {reader} بصفة {said} في الملف {case}.
entry-received
  {reader} signed that it held this entry on {at} UTC at the latest; neither side can deny it.
  {reader} a signé qu’il détenait cette entrée au plus tard le {at} UTC ; aucune partie ne peut le nier.
  وقّع {reader} بأنه كان يحوز هذا القيد في {at} UTC على الأكثر؛ ولا يمكن لأي طرف إنكاره.
entry-open
No receipt covers entry {entry} yet.
Aucun accusé de réception ne couvre encore l’entrée {entry}.
لا يغطي القيد {entry} أي إشعار بالتوصل بعد.
entry-hidden
The pack does not show entry {entry}: nothing is proved about it.
Le paquet ne montre pas l’entrée {entry} : rien n’est prouvé à son sujet.
لا تعرض الحزمة القيد {entry}: لم يثبت بشأنه شيء.
key-size
a key of kind {alg} has the wrong length
une clé de type {alg} n’a pas la bonne longueur
مفتاح من نوع {alg} طوله غير صحيح
role-family
{role} has {n} of {needed} {family} signatures
{role} a {n} signatures {family} sur {needed}
لدى {role} عدد {n} من {needed} من توقيعات {family}
root-version
root {number} of {name} carries another version
la racine {number} de {name} porte une autre version
الجذر {number} من {name} يحمل نسخة أخرى
role-file
{part} of {name} is not the file that its role names
{part} de {name} n’est pas le fichier que nomme son rôle
{part} من {name} ليس الملف الذي يسميه دوره
earlier-card
the earlier card {number} of {name} was not signed by it
la carte antérieure {number} de {name} n’a pas été signée par lui
البطاقة السابقة {number} لم يوقّعها {name}
two-records
{writer} signed two records of size {size} in {origin}
{writer} a signé deux registres de taille {size} dans {origin}
وقّع {writer} سجلين مختلفين بحجم {size} في {origin}
receipt-loose
a receipt over {size} entries of {origin} has no checkpoint
un accusé sur {size} entrées de {origin} n’a pas de point de contrôle
إشعار بالتوصل عن {size} من قيود {origin} بلا نقطة تحقق
entries-other
the first {size} entries of {origin} are not those signed
les {size} premières entrées de {origin} ne sont pas celles signées
أول {size} من قيود {origin} ليست ما وُقّع
unreadable
Entry {index} of {origin} cannot be read; it is signed all the same.
L’entrée {index} de {origin} est illisible ; elle est signée tout de même.
تتعذر قراءة القيد {index} من {origin}؛ وهو موقّع مع ذلك.
place
Entry {index} of {origin}
Entrée {index} de {origin}
القيد {index} من {origin}
due-open
{place}: its deadline needs the agreed calendar or charge taken.
{place} : son échéance exige le calendrier convenu ou la prise en charge.
{place}: أجله يحتاج إلى التقويم المتفق عليه أو إلى التكفل.
due-kept
  {place}: answered {when} UTC, in time (due {until} UTC).
  {place} : réponse le {when} UTC, à temps (échéance {until} UTC).
  {place}: أُجيب عنه في {when} UTC، في الأجل ({until} UTC).
due-late
{place}: answered late, {when} UTC; due {until} UTC.
{place} : réponse tardive, le {when} UTC ; échéance {until} UTC.
{place}: أُجيب عنه متأخرًا في {when} UTC؛ وأجله {until} UTC.
due-missing
{place}: not answered here; due {until} UTC.
{place} : sans réponse ici ; échéance {until} UTC.
{place}: بلا جواب هنا؛ وأجله {until} UTC.
open-hidden
a content is disclosed for an entry that is not shown ({entry})
un contenu est divulgué pour une entrée qui n’est pas montrée ({entry})
كُشف محتوى لقيد غير معروض ({entry})
open-other
the content disclosed for entry {index} of {origin} is another one
le contenu divulgué pour l’entrée {index} de {origin} est un autre
المحتوى المكشوف للقيد {index} من {origin} محتوى آخر
absence-open
Absence is not proved for {origin}: all headers, withheld or unreadable ones too, and a receipt after {before} UTC are needed.
L’absence n’est pas prouvée pour {origin} : il faut tous les en-têtes, aussi ceux retenus ou illisibles, et un accusé postérieur au {before} UTC.
لم يثبت الغياب في {origin}: يلزم كل الترويسات، بما فيها المحجوبة وغير المقروءة، وإشعار بالتوصل بعد {before} UTC.
two-stories
The two packs contradict each other in {origin} from entry {split} on. Both are signed by {writer}: it told two stories, and this proves it.
Les deux paquets se contredisent dans {origin} à partir de l’entrée {split}. Les deux sont signés par {writer} : il a raconté deux histoires, et ceci le prouve.
تتناقض الحزمتان في {origin} ابتداءً من القيد {split}. كلتاهما موقّعة من {writer}: روى قصتين، وهذا يثبت ذلك.
agree
Both packs agree on {origin} up to {size} entries.
Les deux paquets concordent sur {origin} jusqu’à {size} entrées.
تتفق الحزمتان على {origin} حتى {size} من القيود.
root-other
the root of {name} is not the one whose fingerprint was given
la racine de {name} n’est pas celle dont l’empreinte a été donnée
جذر {name} ليس ذاك الذي أُعطيت بصمته
root-unknown
The root of {name} came with the pack; give --root {name}=…
La racine de {name} est venue avec le paquet ; donnez --root {name}=…
جذر {name} جاء مع الحزمة؛ أعطِ --root {name}=…
log-id
a log lies under the id of another
un journal est rangé sous l’identifiant d’un autre
سجل موضوع تحت معرّف سجل آخر
malformed
the pack is malformed ({error})
le paquet est mal formé ({error})
الحزمة مشوّهة ({error})
entries-form
the entries of {origin} cannot be read
les entrées de {origin} sont illisibles
تتعذر قراءة قيود {origin}
revoked
Entries {first} to {last} of {origin} were signed by a key revoked before their receipt: their authorship is not proved.
Les entrées {first} à {last} de {origin} ont été signées par une clé révoquée avant leur accusé : leur auteur n’est pas prouvé.
القيود من {first} إلى {last} في {origin} وُقّعت بمفتاح أُلغي قبل الإشعار بالتوصل بها: لم يثبت صاحبها.
closed
{origin} begins a new epoch: its entry 0 closes the log before.
{origin} ouvre une nouvelle époque : son entrée 0 clôt le journal précédent.
يبدأ {origin} حقبة جديدة: قيده 0 يُغلق السجل السابق.
unread
{path} cannot be read ({error})
{path} est illisible ({error})
تتعذر قراءة {path} ({error})
usage
--absence needs --before YYYY-MM-DDTHH:MM:SSZ and --root NODE=FINGERPRINT
--absence exige --before AAAA-MM-JJTHH:MM:SSZ, et --root NŒUD=EMPREINTE
يتطلب --absence الخيار --before YYYY-MM-DDTHH:MM:SSZ والخيار --root عقدة=بصمة
given
as given
telle que donnée
كما أُعطي
compare
compare it with the one handed over in person
à comparer avec celle remise en personne
قارنه بما سُلّم شخصيًا
none
none
aucune
لا شيء
receipt
receipt
accusé de réception
إشعار بالتوصل
checkpoint
checkpoint
point de contrôle
نقطة تحقق
remark
Remark: {text}
Remarque : {text}
ملاحظة: {text}
broken
BROKEN: {text}.
ROMPU : {text}.
باطل: {text}.
verdict-0
All of it is proved.
Tout est prouvé.
ثبت كل شيء.
verdict-1
Sound, with remarks.
Intègre, avec des remarques.
سليم مع ملاحظات.
verdict-2
BROKEN.
ROMPU.
باطل.
"""
ROWS = TABLE[1:-1].split("\n")
SENTENCES = {ROWS[at]: ROWS[at + 1 : at + 4] for at in range(0, len(ROWS), 4)}


if __name__ == "__main__":
    sys.exit(main())
