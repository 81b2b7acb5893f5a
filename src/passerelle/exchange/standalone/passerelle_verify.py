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
import io
import json
import re
import struct
import sys
import tarfile
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
MALFORMED = (LookupError, ValueError, TypeError, AttributeError, RecursionError, struct.error)
LAST = datetime(9999, 12, 31, tzinfo=UTC)
ORIGIN = re.compile(r"([a-z0-9.-]{1,64})/to/([a-z0-9.-]{1,64})/epoch-([1-9][0-9]{0,8})")
EARLIER = re.compile(r"[0-9]{1,9}\.node\.json")
KEY_FIELDS = "log_keys", "receipt_keys"
NAME = re.compile(r"[A-Za-z0-9._/-]{1,200}")


class BrokenError(Exception):
    """Say that the pack contradicts itself or the keys; the sentence is shown."""


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
            raise BrokenError(f"a key of kind {item['alg']} has the wrong length")
        window = [instant(item[name]) if name in item else None for name in ("until", "revoked")]
        keys.append(Key(item["alg"], raw, instant(item["from"]), window[0], window[1]))
    return keys


def instant(text: str) -> datetime:
    """Read YYYY-MM-DDTHH:MM:SSZ."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


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
    raise BrokenError("a trust file holds something else than text, integers, lists and objects")


def tuf_verifies(key: dict[str, Any], signature: bytes, data: bytes) -> str:
    """Return the family of a valid TUF signature, or an empty text."""
    public = key["keyval"]["public"]
    try:
        if (key["keytype"], key["scheme"]) == ("ed25519", "ed25519"):
            raw = bytes.fromhex(public)
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
        raise BrokenError(f"a file of the role {role} says that it is {signed['_type']}")
    message = canonical(signed).encode()
    rule = root["roles"][role]
    families: dict[str, set[str]] = {"Ed25519": set(), "ML-DSA": set()}
    for item in found["signatures"]:
        if item["keyid"] in rule["keyids"] and item["keyid"] in root["keys"]:
            key = root["keys"][item["keyid"]]
            family = tuf_verifies(key, bytes.fromhex(item["sig"]), message)
            if family:
                families[family].add(key["keyval"]["public"])
    needed = max(3 if role == "root" else 1, rule["threshold"] // 2)
    for family, keys in families.items():
        if len(keys) < needed:
            raise BrokenError(f"{role} has {len(keys)} of {needed} {family} signatures")
    if sum(len(keys) for keys in families.values()) < rule["threshold"]:
        raise BrokenError(f"{role} misses its threshold of {rule['threshold']}")
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
        raise BrokenError(f"the roots of {name} have a gap")
    first = files[f"{numbers[0]}.root.json"]
    root = json.loads(first)["signed"]
    check_role(first, "root", root)
    chain = [root]
    for number in numbers[1:]:
        data = files[f"{number}.root.json"]
        check_role(data, "root", root)
        root = json.loads(data)["signed"]
        check_role(data, "root", root)
        chain.append(root)
        if root["version"] != number:
            raise BrokenError(f"root {number} of {name} carries another version")
    timestamp = check_role(files["timestamp.json"], "timestamp", root)
    snapshot = check_role(files["snapshot.json"], "snapshot", root)
    targets = check_role(files["targets.json"], "targets", root)
    stated = timestamp["meta"] | snapshot["meta"] | targets["targets"]
    for part in ("snapshot.json", "targets.json", "node.json"):
        if stated[part]["hashes"]["sha256"] != hashlib.sha256(files[part]).hexdigest():
            raise BrokenError(f"{part} of {name} is not the file that its role names")
    card = json.loads(files["node.json"])
    if card["node"] != name:
        raise BrokenError(f"the card of {name} names {card['node']}")
    suites = tuple(suite for suite in card["suites"] if suite in SUITES)
    cards = [card, *earlier_cards(name, files, chain)]
    merged = [{k.raw: k for c in cards[::-1] for k in read_keys(c[f])} for f in KEY_FIELDS]
    digest = hashlib.sha256(first).hexdigest()
    return Node(name, digest, list(merged[0].values()), list(merged[1].values()), suites)


def earlier_cards(name: str, files: dict[str, bytes], chain: list[Any]) -> list[dict[str, Any]]:
    """Check every earlier card under the root of its day; newest first, newer windows rule."""
    cards = []
    for number in sorted(
        (int(f.split(".")[0]) for f in files if EARLIER.fullmatch(f)), reverse=True
    ):
        targets, data, signed = files[f"{number}.targets.json"], files[f"{number}.node.json"], None
        for root in chain:
            with contextlib.suppress(BrokenError):
                signed = check_role(targets, "targets", root)
        stated = signed["targets"]["node.json"]["hashes"]["sha256"] if signed else ""
        card = json.loads(data)
        if stated != hashlib.sha256(data).hexdigest() or card["node"] != name:
            raise BrokenError(f"the earlier card {number} of {name} was not signed by it")
        cards.append(card)
    return cards


def read_note(data: bytes) -> tuple[bytes, Lines]:
    """Split a note into its text and its signature lines."""
    text, gap, tail = data.rpartition(b"\n\n")
    if not gap or not tail.endswith(b"\n"):
        raise BrokenError("a note has no signature lines")
    lines = []
    for line in tail[:-1].split(b"\n"):
        head, name, blob = (*line.decode().split(" "), "", "")[:3]
        decoded = base64.b64decode(blob, validate=True)
        if head != "—" or base64.b64encode(decoded).decode() != blob or len(line.split(b" ")) != 3:
            raise BrokenError("a signature line is malformed")
        lines.append((name, decoded))
    return text + b"\n", lines


def read_checkpoint(text: bytes, origin: str) -> tuple[int, bytes]:
    """Read the three lines of a checkpoint of a log."""
    match = re.fullmatch(rb"([^\n]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\n", text)
    if match is None or match[1].decode() != origin:
        raise BrokenError(f"a checkpoint is not one of {origin}")
    root = base64.b64decode(match[3], validate=True)
    if base64.b64encode(root) != match[3]:
        raise BrokenError("a root is not in canonical base64")
    return int(match[2]), root


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
            tail = (
                b"\xffpasserelle/" + (b"cosignature-" if receipt else b"") + key.algorithm.encode()
            )
            kind = {True: b"\x04", False: b"\x01"}[receipt] if key.algorithm == "ed25519" else tail
            hint = hashlib.sha256(name.encode() + b"\n" + kind + key.raw).digest()[:4]
            good = not receipt or key.holds(datetime.fromtimestamp(seconds, UTC))
            if key.algorithm not in times or blob[:4] != hint or not good:
                continue
            if verifies(key.algorithm, key.raw, signature, data):
                times[key.algorithm].add(seconds)
    common = set.intersection(*times.values())
    if not common:
        what = "receipt" if receipt else "checkpoint"
        raise BrokenError(f"a {what} of {name} lacks a valid signature of one of the two families")
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
        raise BrokenError("a list ends in the middle")
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
            raise BrokenError(f"the entries of {log.origin} cannot be read")


def check_log(files: dict[str, bytes], nodes: dict[str, Node], say: Report) -> Log:
    """Check one log: entries, checkpoints, receipts."""
    origin = files["origin"].decode()
    match = ORIGIN.fullmatch(origin)
    if match is None or match[1] not in nodes or match[2] not in nodes:
        raise BrokenError(f"the log {origin[:80]!r} is of nodes that the pack does not show")
    log = Log(origin, match[1], match[2])
    writer, reader = nodes[log.writer], nodes[log.reader]
    suite = next(name for name in writer.suites if name in reader.suites)
    read_entries(log, files["entries"])
    stated: dict[int, bytes] = {}
    for block in read_blocks(files["checkpoints"]):
        text, lines = read_note(block)
        size, root = read_checkpoint(text, origin)
        check_lines(lines, origin, writer.log_keys, suite, text, receipt=False)
        if stated.setdefault(size, root) != root:
            raise BrokenError(f"{log.writer} signed two records of size {size} in {origin}")
    for block in read_blocks(files["receipts"]):
        text, lines = read_note(block)
        size, root = read_checkpoint(text, origin)
        if stated.get(size) != root:
            raise BrokenError(f"a receipt over {size} entries of {origin} has no checkpoint")
        at = check_lines(lines, log.reader, reader.receipt_keys, suite, text, receipt=True)
        log.receipts.append((size, at or LAST))
    roots = roots_at(log.leaves, set(stated))
    for size, root in sorted(roots.items()):
        if root != stated[size]:
            raise BrokenError(f"the first {size} entries of {origin} are not those signed")
    missing = [size for size in stated if size not in roots]
    if missing:
        raise BrokenError(f"{origin} was signed with {max(missing)} entries, the pack shows fewer")
    if log.leaves and len(log.leaves) not in stated:
        raise BrokenError(f"the last entries of {origin} stand under no checkpoint")
    read_headers(log, say)
    return log


def read_headers(log: Log, say: Report) -> None:
    """Read the headers shown; one that does not say where it stands is a remark."""
    for index, data in log.headers.items():
        try:
            header = json.loads(data)
            fits = (header["origin"], header["index"]) == (log.origin, index)
        except (ValueError, KeyError, TypeError):
            fits = False
        if fits:
            log.shown[index] = header
        else:
            say.remarks.append(
                f"Entry {index} of {log.origin} cannot be read; it is signed all the same."
            )


@dataclass
class Report:
    """Collect sentences, remarks and what is broken."""

    proved: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def report_log(log: Log, say: Report) -> None:
    """Say what is proved about one log."""
    total, proved = len(log.leaves), log.proved
    erased = sum(1 for h in log.shown.values() if h.get("kind") == "notice.erasure")
    say.proved.append(
        f"{log.writer} to {log.reader} ({log.origin}): {total} entries, signed by {log.writer} with "
        f"Ed25519 and ML-DSA; none was added, changed, moved or left out. {len(log.headers)} are "
        f"shown, {total - len(log.headers)} withheld; {erased} are notices of erasure."
    )
    if log.receipts:
        last = max(at for size, at in log.receipts if size == proved)
        say.proved.append(
            f"  {proved} of {total} are proved received: {log.reader} signed on {last:%Y-%m-%d %H:%M:%S} UTC that "
            f"exactly these {proved} entries were durable there. Neither side can deny them."
        )
    if proved < total:
        say.remarks.append(f"{total - proved} entries of {log.origin} have no receipt yet.")


def report_deadlines(logs: list[Log], say: Report) -> None:
    """Say which deadlines were kept, from receipts alone."""
    answers: dict[str, list[datetime]] = {}
    entries = [(log, index, header) for log in logs for index, header in log.shown.items()]
    for log, index, header in entries:
        at = log.receipted_at(index)
        for target in header.get("re", []) if at else []:
            answers.setdefault(target, []).append(at or LAST)
    for log, index, header in entries:
        due, start, place = (
            header.get("due"),
            log.receipted_at(index),
            f"Entry {index} of {log.origin}",
        )
        if not due or not start:
            continue
        if due["unit"] == "working" or header["due_from"] == "confirmed_receipt":
            say.remarks.append(f"{place}: its deadline needs the agreed calendar or charge taken.")
            continue
        start = instant(header["issued"]) if header["due_from"] == "sent" else start
        until = start + timedelta(hours=due["value"] * (1 if due["unit"] == "hours" else 24))
        entry = hashlib.sha256(log.headers[index]).hexdigest()
        when = min(answers.get(entry, []), default=None)
        if when and when <= until:
            say.proved.append(
                f"  {place}: answered {when:%Y-%m-%d %H:%M:%S} UTC, in time (due {until:%Y-%m-%d %H:%M:%S} UTC)."
            )
        elif when:
            say.remarks.append(
                f"{place}: answered late, {when:%Y-%m-%d %H:%M:%S} UTC; due {until:%Y-%m-%d %H:%M:%S} UTC."
            )
        else:
            say.remarks.append(f"{place}: not answered here; due {until:%Y-%m-%d %H:%M:%S} UTC.")


def report_contents(files: dict[str, bytes], logs: list[Log], say: Report) -> None:
    """Check every disclosed content against what its header says of it."""
    shown = {
        hashlib.sha256(log.headers[index]).hexdigest(): (log, index, header)
        for log in logs
        for index, header in log.shown.items()
    }
    count = 0
    for entry, parts in folders(files, "open").items():
        if entry not in shown:
            raise BrokenError(
                f"a content is disclosed for an entry that is not shown ({entry[:12]})"
            )
        log, index, header = shown[entry]
        for label in {name.removesuffix("salt").removesuffix("content") for name in parts}:
            place = header["att"][int(label[4:-1])] if label else header["body"]
            data, named = parts[label + "content"], place.get("ct")
            if "commit" in place:
                data = b"passerelle/commit/v1\x00" + parts[label + "salt"] + data
                named = place["commit"]
            if named != hashlib.sha256(data).hexdigest():
                raise BrokenError(
                    f"the content disclosed for entry {index} of {log.origin} is another one"
                )
            count += 1
    if count:
        say.proved.append(f"{count} contents are disclosed, each as its entry committed to.")


def report_absence(logs: list[Log], case: str, before: datetime, say: Report) -> None:
    """Prove that a dossier has no further entry before an instant, or say why it cannot be."""
    for log in logs:
        later = [(at, size) for size, at in log.receipts if at >= before]
        if len(log.shown) < len(log.leaves) or not later:
            say.remarks.append(
                f"Absence is not proved for {log.origin}: all headers, withheld or unreadable ones "
                f"too, and a receipt after {before:%Y-%m-%d %H:%M:%S} UTC are needed."
            )
            continue
        at, size = min(later)
        mine = [index for index in range(size) if log.shown[index]["case"] == case]
        found = [index for index in mine if (log.receipted_at(index) or at) < before]
        say.proved.append(
            f"Absence in {log.origin}: before {before:%Y-%m-%d %H:%M:%S} UTC the dossier {case} has exactly "
            f"{len(found)} entries ({', '.join(map(str, found)) or 'none'}) and no other; all "
            f"{size} entries up to the receipt of {at:%Y-%m-%d %H:%M:%S} UTC were looked at."
        )


def compare(first: dict[str, Log], second: dict[str, Log], say: Report) -> None:
    """Say whether two packs tell the same record, and up to which size."""
    for log_id in sorted(first.keys() & second.keys()):
        a, b = first[log_id], second[log_id]
        size = min(len(a.leaves), len(b.leaves))
        split = next((i for i in range(size) if a.leaves[i] != b.leaves[i]), size)
        if split < size:
            say.broken.append(
                f"The two packs contradict each other in {a.origin} from entry {split} on. Both are "
                f"signed by {a.writer}: it told two stories, and this proves it."
            )
        else:
            say.proved.append(f"Both packs agree on {a.origin} up to {size} entries.")
    for log_id in sorted(first.keys() ^ second.keys()):
        say.remarks.append(f"Only one of the packs shows {(first | second)[log_id].origin}.")


def read_pack(path: str) -> dict[str, bytes]:
    """Read a pack; every byte of it must be as its list of files and its canonical form say."""
    data = Path(path).read_bytes()
    files: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as pack:
            for member in pack:
                content = pack.extractfile(member) if member.isreg() else None
                if content is None or member.name in files or not NAME.fullmatch(member.name):
                    raise BrokenError("the pack holds something else than plain files")
                files[member.name] = content.read()
    except (tarfile.TarError, EOFError) as error:
        raise BrokenError("the file is no pack") from error
    blocks = []
    for name, part in sorted(files.items(), key=lambda item: (item[0] != MANIFEST, item[0])):
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(part), 0o644
        blocks += [info.tobuf(tarfile.USTAR_FORMAT), part, bytes(-len(part) % 512)]
    size = sum(map(len, blocks))
    if b"".join([*blocks, bytes(1024 + (-(size + 1024) % 10_240))]) != data:
        raise BrokenError("the pack is not in its one canonical form")
    listed = json.loads(files.pop(MANIFEST, b"{}")).get("files")
    if listed != {name: hashlib.sha256(part).hexdigest() for name, part in files.items()}:
        raise BrokenError("the list of files does not match the files")
    return files


def folders(files: dict[str, bytes], top: str) -> dict[str, dict[str, bytes]]:
    """Group files below a folder by the name of the next folder."""
    found: dict[str, dict[str, bytes]] = {}
    for name, data in files.items():
        parts = name.split("/")
        if parts[0] == top and len(parts) == 3:
            found.setdefault(parts[1], {})[parts[2]] = data
    return found


def verify(path: str, roots: dict[str, str], say: Report) -> dict[str, Log]:
    """Verify one pack; returns its logs by id."""
    files = read_pack(path)
    nodes = {name: check_node(name, found) for name, found in folders(files, "trust").items()}
    for name, node in sorted(nodes.items()):
        if name in roots and roots[name] not in {node.fingerprint, words(node.fingerprint)}:
            raise BrokenError(f"the root of {name} is not the one whose fingerprint was given")
        pinned = "as given" if name in roots else "compare it with the one handed over in person"
        say.proved.append(f"Keys of {name}: root {words(node.fingerprint)} ({pinned}).")
        if name not in roots:
            say.remarks.append(f"The root of {name} came with the pack; give --root {name}=…")
    logs = {}
    for log_id, found in sorted(folders(files, "logs").items()):
        log = check_log(found, nodes, say)
        if hashlib.sha256(log.origin.encode()).hexdigest() != log_id:
            raise BrokenError("a log lies under the id of another")
        logs[log_id] = log
        report_log(log, say)
    shown = list(logs.values())
    report_contents(files, shown, say)
    report_deadlines(shown, say)
    for kind in sorted({name.split("/")[1] for name in files if name.startswith("evidence/")}):
        say.remarks.append(f"The pack carries evidence: {kind}.")
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
    parser.add_argument("--absence", default="", metavar="CASE")
    parser.add_argument("--before", default="", metavar="INSTANT")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    say, found = Report(), []
    try:
        roots = dict(item.split("=", 1) for item in chosen.root)
        for path in chosen.pack[:2]:
            found.append(verify(path, roots, say))
            if chosen.absence:
                before = instant(chosen.before)
                report_absence(list(found[-1].values()), chosen.absence, before, say)
        if len(found) == 2:
            compare(found[0], found[1], say)
    except BrokenError as error:
        say.broken.append(f"{str(error)[:1].upper()}{str(error)[1:]}.")
    except MALFORMED as error:
        say.broken.append(f"The pack is malformed ({type(error).__name__}).")
    code = 2 if say.broken else 1 if say.remarks else 0
    verdict = ("All of it is proved.", "Sound, with remarks.", "BROKEN.")[code]
    if chosen.json:
        value = {"code": code, "proved": say.proved, "remarks": say.remarks, "broken": say.broken}
        print(json.dumps(value, indent=1))
    else:
        bad = [f"Remark: {t}" for t in say.remarks] + [f"BROKEN: {t}" for t in say.broken]
        print("\n".join([*say.proved, *bad, verdict]))
    return code


if __name__ == "__main__":
    sys.exit(main())
