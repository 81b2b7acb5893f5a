"""Named attacks of a hostile partner or of somebody on the way; each is refused, or proved.

A drill is a function that attacks and returns what the defence said: a status and code of the wire, or
the code of an error. What must come out stands beside it. Real keys, real machines.
"""

from __future__ import annotations

import json
import random
import struct
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.simulators.exchange_keys import ORIGIN, START, TIME, node, sealed_entry

from passerelle.exchange import receiver, sender
from passerelle.exchange.agreement import Agreement, Envelope, Terms, verify_agreement
from passerelle.exchange.blob import CHUNK, Upload, blob_leaves, blob_root
from passerelle.exchange.blob_request import BlobRequest
from passerelle.exchange.card import Window, parse_card
from passerelle.exchange.effects import Evidence, Receive, Reply, StoreReceipt
from passerelle.exchange.epoch import EpochNotice, judge_epoch, sign_epoch, verify_epoch
from passerelle.exchange.errors import RemoteProtocolError
from passerelle.exchange.frame import (
    Bundle,
    FrameLimits,
    PushFrame,
    ReaderRequest,
    parse_receipt,
    peer_notice,
)
from passerelle.exchange.header import Status, header_hash, parse_header
from passerelle.exchange.jcs import read, write
from passerelle.exchange.merkle import (
    CompactRange,
    inclusion_path,
    leaf_hash,
    tree_root,
    verify_inclusion,
)
from passerelle.exchange.names import Origin
from passerelle.exchange.note import (
    Checkpoint,
    LineKind,
    Note,
    SignatureLine,
    key_id,
    sign_checkpoint,
    sign_receipt,
    sign_statement,
    verify_checkpoint,
    verify_lines,
)
from passerelle.exchange.peer import Agreed
from passerelle.exchange.publish import publish_card, publish_root
from passerelle.exchange.seal import EntryKey, decrypt, open_content, seal_content, seal_info
from passerelle.exchange.signoff import OfficeKeys, add_signoff, verify_signoff
from passerelle.exchange.suite import S1, S2
from passerelle.exchange.trust import fingerprint, pin_root, refresh

if TYPE_CHECKING:
    from collections.abc import Callable

A, B, M = node("a.example"), node("b.example"), node("mallory.example")
ENTRIES = tuple(sealed_entry(ORIGIN, n, b'{"n":%d}' % n)[:2] for n in range(4))
DRAW = random.Random(9).randbytes


def tree(count: int, entries: tuple[tuple[bytes, bytes], ...] = ENTRIES) -> CompactRange:
    """Return the range over the first entries."""
    return CompactRange().extend(leaf_hash(h) for h, _ in entries[:count])


def frame(old: int, end: int, **changes: Any) -> PushFrame:
    """Make an honest frame, then change it."""
    note = sign_checkpoint(Checkpoint.of(str(ORIGIN), tree(end)), A.log)
    return replace(PushFrame(old, ENTRIES[old:end], note), **changes)


def held(count: int) -> receiver.ReceiverState:
    """Return a reader that holds the first entries."""
    note = sign_checkpoint(Checkpoint.of(str(ORIGIN), tree(count)), A.log)
    return receiver.ReceiverState(str(ORIGIN), "b.example", S1, tree(count), note)


AGREED = Agreed(
    frozenset({"request"}),
    frozenset({"cooperation"}),
    frozenset({"cooperation"}),
    frozenset({Status.ACTUAL}),
    (A.card.offices[0].every_signer(),),
)


ATTACHED = [{"size": 80, "root": "a" * 64, "commit": "b" * 64, "policy": "with"}]


def push(data: PushFrame | bytes, count: int = 0, **surroundings: Any) -> str:
    """Push at a reader; returns status, code and evidence, and refuses to see anything stored."""
    raw = data if isinstance(data, bytes) else data.encode()
    event = receiver.PushArrived(
        raw,
        A.log.public_keys,
        FrameLimits(),
        lambda _root: False,
        lambda size: tree(size).root,
        AGREED,
    )
    state = held(count) if count else receiver.ReceiverState(str(ORIGIN), "b.example", S1)
    state = replace(state, **surroundings)
    after, effects = receiver.step(state, event, TIME, random.random)
    if any(isinstance(effect, Receive) for effect in effects):
        return "stored " + ",".join(
            item.mark.value
            for effect in effects
            if isinstance(effect, Receive)
            for item in effect.entries
        )
    assert after.tree == state.tree
    reply = next(effect for effect in effects if isinstance(effect, Reply))
    kept = [effect.kind for effect in effects if isinstance(effect, Evidence)]
    return f"{reply.status} {reply.code}" + (f" +{kept[0]}" if kept else "")


def answer(event: sender.Event, *, now: float = TIME, **fields: Any) -> str:
    """Answer a writer; returns what it believes."""
    checkpoint = Checkpoint.of(str(ORIGIN), tree(4))
    state = sender.SenderState(
        str(ORIGIN),
        "b.example",
        S1,
        size=4,
        phase=sender.Phase.ATTEMPTED,
        offered=checkpoint,
        attempts=((4, TIME),),
    )
    state = replace(state, **fields)
    after, effects = sender.step(state, event, now, lambda: 0.5)
    assert after.cosigned == state.cosigned or any(isinstance(e, StoreReceipt) for e in effects)
    kept = [effect.kind for effect in effects if isinstance(effect, Evidence)]
    return f"cosigned {after.cosigned} {after.phase.value}" + (f" +{kept[0]}" if kept else "")


def receipt(time: int = TIME, *, size: int = 4, by: Any = None, name: str = "b.example") -> Any:
    """Make a receipt event."""
    stated = Checkpoint.of(str(ORIGIN), tree(size))
    lines = sign_receipt(stated, name, by or B.receipt, time)
    return sender.ReceiptArrived(lines, B.receipt.public_keys)


def refused(attack: Callable[[], object]) -> str:
    """Run an attack that must raise; returns the code."""
    try:
        attack()
    except RemoteProtocolError as error:
        return error.code
    return "taken"


def with_field(**fields: Any) -> bytes:
    """Change fields of an honest header."""
    return write({**json.loads(ENTRIES[0][0]), **fields})


def signed_off(by: Any, office: str = "cooperation") -> bytes:
    """Let somebody sign an honest header as an officer."""
    return add_signoff(parse_header(ENTRIES[0][0]), office, by).encode()


def push_headers(*headers: bytes, origin: str = str(ORIGIN)) -> str:
    """Push headers signed by the writer itself."""
    leaves = CompactRange().extend(map(leaf_hash, headers))
    note = sign_checkpoint(Checkpoint.of(origin, leaves), A.log)
    return push(PushFrame(0, tuple((h, ENTRIES[0][1]) for h in headers), note))


def trusted() -> Any:
    """Accept version 5 of the card of A."""
    state = pin_root(A.root, fingerprint(A.root))
    return refresh(
        state, "a.example", publish_card(A.card.encode(), A.roles, START, version=5), START
    )


def take(files: dict[str, bytes], *, later: timedelta = timedelta(0)) -> str:
    """Offer trust files to somebody who holds version 5."""
    return refused(lambda: refresh(trusted(), "a.example", files, START + later))


def card_files(version: int, roles: Any = None, **changes: Any) -> dict[str, bytes]:
    """Publish a changed card."""
    card = replace(A.card, **changes).encode()
    return publish_card(card, roles or A.roles, START, version=version)


def collide() -> str:
    """Give a foreign line the key id of the true key."""
    note = frame(0, 1).note
    lines = tuple(
        SignatureLine(line.name, line.blob[:4] + other.blob[4:])
        for line, other in zip(
            note.lines, sign_checkpoint(Checkpoint.parse(note.text), M.log).lines, strict=True
        )
    )
    return push(frame(0, 1, note=Note(note.text, lines)))


def suite_downgrade() -> str:
    """Offer S1 signatures where the agreement pins S2."""
    note = frame(0, 1).note
    return refused(lambda: verify_checkpoint(note, str(ORIGIN), S2, A.log.public_keys))


def office_downgrade() -> str:
    """Sign off with Ed25519 alone."""
    signed = add_signoff(parse_header(ENTRIES[0][0]), "cooperation", A.officer)
    cut = replace(signed, officer=signed.officer[:1])
    return refused(lambda: verify_signoff(cut, OfficeKeys("cooperation", (A.officer.public_keys,))))


def officer_twice() -> str:
    """Let one officer sign for two."""
    signed = parse_header(ENTRIES[0][0])
    for _ in range(2):
        signed = add_signoff(signed, "cooperation", A.officer)
    keys = OfficeKeys("cooperation", (A.officer.public_keys, B.officer.public_keys), 2)
    return refused(lambda: verify_signoff(signed, keys))


def move_seal(**changes: Any) -> str:
    """Open a seal in another place than it was made for."""
    header = parse_header(ENTRIES[0][0])
    place = {
        "origin": str(ORIGIN),
        "index": 0,
        "office": "cooperation",
        "key": "0" * 16,
        "header_hash": header_hash(header),
    }
    sealed = B.office.seal_key.seal(bytes(32), seal_info(S1, **place))
    info = seal_info(S1, **{**place, **changes})
    return refused(lambda: B.office.open(sealed, info))


def upload(chunk: bytes, *, size: int = CHUNK, at: int = 0) -> str:
    """Send a chunk that the root does not name."""
    honest = bytes(size)
    begun = Upload.begin(blob_root(honest), size, b"".join(blob_leaves(honest)), 1 << 30)
    return refused(lambda: begun.take(at, chunk))


def pull(**changes: Any) -> str:
    """Verify a request that is not what it says."""
    request = ReaderRequest("pull", ORIGIN.log_id, 0, "0" * 32, TIME)
    note = request.sign("b.example", changes.get("by", B.receipt))
    text = replace(request, **changes.get("told", {})).sign("b.example", B.receipt).text
    return refused(
        lambda: verify_lines(
            note.lines,
            "b.example",
            LineKind.RECEIPT,
            suite=S1,
            keys=B.receipt.public_keys,
            data=text,
        )
    )


def foreign_root() -> str:
    """Rotate the root without its holders."""
    root = publish_root(M.roles, START, version=2, signed_by=M.roles.root[:3])
    return take({"2.root.json": root} | card_files(6, M.roles))


def own_root(version: int) -> str:
    """Let the holders themselves offer a root with another version than the next."""
    root = publish_root(A.roles, START, version=version, signed_by=A.roles.root[:3])
    return take({"2.root.json": root} | card_files(6))


def log_line_as_receipt() -> str:
    """Pass the writer's own signature off as the reader's receipt."""
    stated = Checkpoint.of(str(ORIGIN), tree(4))
    lines = tuple(
        SignatureLine(
            "b.example",
            key_id("b.example", LineKind.RECEIPT, key) + struct.pack(">Q", TIME) + line.blob[4:],
        )
        for key, line in zip(
            B.receipt.public_keys, sign_checkpoint(stated, B.receipt).lines, strict=True
        )
    )
    return answer(sender.ReceiptArrived(lines, B.receipt.public_keys))


def mixed_times() -> str:
    """Cosign with two times."""
    one, two = receipt(TIME).lines[0], receipt(TIME + 1).lines[1]
    return answer(sender.ReceiptArrived((one, two), B.receipt.public_keys))


def proof_elsewhere() -> str:
    """Use a proof of one log for another."""
    leaves = [leaf_hash(h) for h, _ in ENTRIES]
    other = tree_root([*leaves[:3], leaf_hash(b"x")])
    return refused(lambda: verify_inclusion(leaves[1], 1, 4, inclusion_path(leaves, 1), other))


def old_commitment() -> str:
    """Put a new ciphertext under an old commitment."""
    key = EntryKey(bytes(32), S1)
    one, two = (seal_content(key, text, DRAW) for text in (b"one", b"two"))
    return refused(lambda: open_content(key, two.ciphertext, one.commit))


def revoked() -> str:
    """Sign with a key that was revoked."""
    window = Window(START, revoked=START)
    card = replace(A.card, log_keys=tuple(replace(k, window=window) for k in A.card.log_keys))
    keys = card.log_keys_at(START)
    return refused(lambda: verify_checkpoint(frame(0, 1).note, str(ORIGIN), S1, keys))


def epoch(*, holders: Any = None, **changes: Any) -> str:
    """Begin a new epoch after four entries; returns why it is not taken."""
    fields = {"size": 4, "root": tree(4).root.hex(), "reason": "lost", "issued": START}
    new = replace(ORIGIN, epoch=2)
    fields |= {"old": ORIGIN, "new": new} | changes.get("told", {})
    notice = EpochNotice(**fields)  # type: ignore[arg-type]
    signed = sign_epoch(notice, A.roles.root[:3] if holders is None else holders)
    held = changes.get("held", (4, tree(4).root.hex()))
    place = changes.get("place", str(new))
    return (
        refused(lambda: verify_epoch(signed, A.root))
        if holders is not None
        else judge_epoch(verify_epoch(signed, A.root), place, held)
    )


def push_epoch(header: bytes) -> str:
    """Push an entry 0 that is no notice into a log of the second epoch."""
    origin = str(replace(ORIGIN, epoch=2))
    note = sign_checkpoint(Checkpoint.of(origin, CompactRange().extend([leaf_hash(header)])), A.log)
    return push(PushFrame(0, ((header, ENTRIES[0][1]),), note), origin=origin)


def blob_request(*, by: Any = None, **told: Any) -> str:
    """Begin an upload with a request that is not what it says."""
    request = BlobRequest("put", ORIGIN.log_id, "a" * 64, 100, "0" * 32, TIME)
    note = request.sign(str(ORIGIN), by or A.log)
    text = replace(request, **told).sign(str(ORIGIN), A.log).text
    return refused(
        lambda: verify_lines(
            note.lines, str(ORIGIN), LineKind.LOG, suite=S1, keys=A.log.public_keys, data=text
        )
    )


def agreement(change: Callable[[Envelope], Envelope]) -> str:
    """Alter an agreement that both have signed."""
    nodes = (("a.example", "cooperation"), ("b.example", "cooperation"))
    envelope = Envelope(Agreement(nodes, 1, START, Terms()).encode())
    for one in (A, B):
        envelope = envelope.sign(one.name, "cooperation", one.officer)
    cards = {"a.example": A.card, "b.example": B.card}
    return refused(lambda: verify_agreement(change(envelope), cards, START))


def pause_by(signer: Any) -> str:
    """Tell a pause under keys that are not those of the log."""
    note = sign_statement(
        peer_notice(ORIGIN.log_id, paused=True, time=TIME), str(ORIGIN), signer, LineKind.LOG
    )
    return refused(
        lambda: verify_lines(
            note.lines, str(ORIGIN), LineKind.LOG, suite=S1, keys=A.log.public_keys, data=note.text
        )
    )


SIGNATURE, BAD, SIZE = "exchange.signature-invalid", "exchange.frame", "exchange.frame-limit"
FOREIGN = sign_checkpoint(Checkpoint.of(str(ORIGIN), tree(1)), M.log)
HONEST = frame(0, 1).note
OTHER = Origin("c.example", "b.example")
FORK = (*ENTRIES[:2], sealed_entry(ORIGIN, 2, b'{"x":1}')[:2], ENTRIES[3])
FORKED = sign_checkpoint(Checkpoint.of(str(ORIGIN), tree(4, (*ENTRIES[:3], ENTRIES[0]))), A.log)
OLD_FORK = sign_checkpoint(Checkpoint.of(str(ORIGIN), tree(2, ENTRIES[2:])), A.log)
HUGE = Note(
    f"{ORIGIN}\n9223372036854775808\n".encode() + HONEST.text.split(b"\n")[2] + b"\n", HONEST.lines
)
STATED = Checkpoint.parse(HONEST.text)

DRILLS: dict[str, tuple[Callable[[], str], str]] = {
    # identity
    "push signed by a stranger": (lambda: push(frame(0, 1, note=FOREIGN)), f"403 {SIGNATURE}"),
    "checkpoint without ML-DSA": (
        lambda: push(frame(0, 1, note=Note(HONEST.text, HONEST.lines[:1]))),
        f"403 {SIGNATURE}",
    ),
    "checkpoint without Ed25519": (
        lambda: push(frame(0, 1, note=Note(HONEST.text, HONEST.lines[1:]))),
        f"403 {SIGNATURE}",
    ),
    "one family signed by a stranger": (
        lambda: push(frame(0, 1, note=Note(HONEST.text, (HONEST.lines[0], FOREIGN.lines[1])))),
        f"403 {SIGNATURE}",
    ),
    "key id collision": (collide, f"403 {SIGNATURE}"),
    "suite downgrade": (suite_downgrade, SIGNATURE),
    "revoked log key": (revoked, SIGNATURE),
    "checkpoint of another log": (
        lambda: push(frame(0, 1, note=sign_checkpoint(replace(STATED, origin=str(OTHER)), A.log))),
        "403 exchange.note-origin",
    ),
    "signature of another size": (
        lambda: push(
            frame(0, 1, note=Note(Checkpoint.of(str(ORIGIN), tree(2)).text, HONEST.lines))
        ),
        f"403 {SIGNATURE}",
    ),
    "root file with another fingerprint": (
        lambda: refused(lambda: pin_root(M.root, fingerprint(A.root))),
        "exchange.root-fingerprint",
    ),
    "root rotated by strangers": (foreign_root, "exchange.trust"),
    "root rolled back": (lambda: own_root(1), "exchange.trust"),
    "root that skips a version": (lambda: own_root(3), "exchange.trust"),
    "card signed by strangers": (lambda: take(card_files(6, M.roles)), "exchange.trust"),
    "card of another node": (
        lambda: take(card_files(6, node="c.example")),
        "exchange.card-node",
    ),
    "card rolled back": (lambda: take(card_files(4)), "exchange.trust"),
    "card changed under its version": (
        lambda: take(card_files(5, endpoints=("https://x",))),
        "exchange.trust",
    ),
    "card swapped behind its role": (
        lambda: take(card_files(6) | {"node.json": M.card.encode()}),
        "exchange.trust",
    ),
    "trust frozen until it expired": (
        lambda: take(card_files(5), later=timedelta(days=2)),
        "exchange.trust",
    ),
    "trust file of four megabytes": (
        lambda: take({"node.json": bytes(4_194_305)}),
        "exchange.trust-size",
    ),
    "a thousand trust files": (
        lambda: take({str(n): b"" for n in range(2000)}),
        "exchange.trust-size",
    ),
    "unknown algorithm in a card": (
        lambda: refused(lambda: parse_card(A.card.encode().replace(b"ed25519", b"ed25518"))),
        "exchange.field",
    ),
    "key of the wrong length in a card": (
        lambda: refused(
            lambda: parse_card(A.card.encode().replace(b'"alg":"ml-dsa-65"', b'"alg":"ml-dsa-87"'))
        ),
        "exchange.key-size",
    ),
    # tampering
    "receipt wanted for entries never sent": (
        lambda: push(frame(2, 4, entries=()), 2),
        "422 exchange.push-size +inconsistent",
    ),
    "entries under a checkpoint that does not count them": (
        lambda: push(frame(2, 2, entries=ENTRIES[2:4]), 2),
        "422 exchange.push-size +inconsistent",
    ),
    "replay of a held push": (lambda: push(frame(0, 2), 4), "409 exchange.conflict"),
    "gap": (lambda: push(frame(3, 4), 1), "409 exchange.conflict"),
    "entries in another order": (
        lambda: push(frame(0, 2, entries=ENTRIES[1::-1])),
        "422 exchange.push-root +inconsistent",
    ),
    "entry left out": (
        lambda: push(frame(0, 3, entries=ENTRIES[:2])),
        "422 exchange.push-size +inconsistent",
    ),
    "entry added": (
        lambda: push(frame(0, 2, entries=ENTRIES[:3])),
        "422 exchange.push-size +inconsistent",
    ),
    "entry replaced": (
        lambda: push(frame(0, 3, entries=FORK[1:4])),
        "422 exchange.push-root +inconsistent",
    ),
    "header edited": (
        lambda: push(frame(0, 1, entries=((with_field(seen=9), ENTRIES[0][1]),))),
        "422 exchange.push-root +inconsistent",
    ),
    "body replaced": (
        lambda: push(frame(0, 1, entries=((ENTRIES[0][0], ENTRIES[1][1]),))),
        "422 exchange.push-body +inconsistent",
    ),
    "body lengthened": (
        lambda: push(frame(0, 1, entries=((ENTRIES[0][0], ENTRIES[0][1] + b"x"),))),
        "422 exchange.push-body +inconsistent",
    ),
    "body withheld as if erased": (
        lambda: push(frame(0, 1, entries=((ENTRIES[0][0], b""),))),
        "stored erased",
    ),
    "two records of one size": (
        lambda: push(frame(4, 4, note=FORKED), 4),
        "422 exchange.fork +fork",
    ),
    "two records of an older size": (
        lambda: push(frame(2, 2, note=OLD_FORK), 4),
        "422 exchange.fork +fork",
    ),
    "entry under another origin": (
        lambda: push_headers(sealed_entry(ORIGIN.reverse, 0, b"{}")[0]),
        "stored misplaced",
    ),
    "entry under another index": (lambda: push_headers(ENTRIES[1][0]), "stored misplaced"),
    "recipient substituted": (
        lambda: push_headers(with_field(to="c.example")),
        "stored unreadable",
    ),
    "attachment that was never uploaded": (
        lambda: push_headers(with_field(att=ATTACHED)),
        "424 exchange.blob-missing",
    ),
    "attachment of an entry that stands elsewhere": (
        lambda: push_headers(with_field(index=7, att=ATTACHED)),
        "stored misplaced",
    ),
    "act signed off by a stranger": (
        lambda: push_headers(signed_off(M.officer)),
        "stored bad-signoff",
    ),
    "act signed off for an office nobody has": (
        lambda: push_headers(signed_off(A.officer, "nowhere")),
        "stored bad-signoff",
    ),
    "sign-off moved to another act": (
        lambda: push_headers(
            with_field(officer=json.loads(signed_off(A.officer))["officer"], seen=1)
        ),
        "stored bad-signoff",
    ),
    "kind that was not agreed": (
        lambda: push_headers(with_field(kind="commitment")),
        "stored not-agreed",
    ),
    "act of an office nobody has": (
        lambda: push_headers(with_field(from_office="nowhere")),
        "stored no-office",
    ),
    "act for an office nobody has": (
        lambda: push_headers(with_field(to_office="nowhere")),
        "stored no-office",
    ),
    "play answered in earnest, or earnest by play": (
        lambda: push_headers(with_field(status="exercise")),
        "stored not-agreed",
    ),
    "closed epoch": (lambda: push(frame(0, 1), closed=True), "404 exchange.log-closed"),
    "proof used for another log": (proof_elsewhere, "exchange.inclusion-broken"),
    "new ciphertext under an old commitment": (old_commitment, "exchange.commitment"),
    "seal moved to another index": (lambda: move_seal(index=1), "exchange.seal-broken"),
    "seal moved to another log": (
        lambda: move_seal(origin=str(OTHER)),
        "exchange.seal-broken",
    ),
    "seal moved to another header": (
        lambda: move_seal(header_hash="0" * 64),
        "exchange.seal-broken",
    ),
    "seal moved to another office": (lambda: move_seal(office="cyber"), "exchange.seal-broken"),
    "ciphertext cut at a record": (
        lambda: refused(
            lambda: decrypt(
                EntryKey(bytes(32), S1).derive("att-key/0"),
                seal_content(EntryKey(bytes(32), S1), bytes(20_000), DRAW, "att/0").ciphertext[
                    : 56 + 16_400
                ],
            )
        ),
        "exchange.ciphertext",
    ),
    "chunk swapped": (lambda: upload(b"x" * CHUNK), "exchange.blob-chunk"),
    "chunk out of place": (lambda: upload(bytes(CHUNK), at=CHUNK), "exchange.blob-offset"),
    "endless chunk": (lambda: upload(bytes(CHUNK + 1)), "exchange.blob-chunk"),
    "chunk list of another root": (
        lambda: refused(lambda: Upload.begin("1" * 64, 1, bytes(32), 10)),
        "exchange.blob-root",
    ),
    "attachment larger than agreed": (
        lambda: refused(lambda: Upload.begin("0" * 64, 1 << 40, b"", 1 << 30)),
        "exchange.blob-size",
    ),
    # repudiation
    "receipt by a stranger": (
        lambda: answer(receipt(by=M.receipt)),
        "cosigned 0 idle +receipt-invalid",
    ),
    "receipt without ML-DSA": (
        lambda: answer(replace(receipt(), lines=receipt().lines[:1])),
        "cosigned 0 idle +receipt-invalid",
    ),
    "receipt for an unsent size": (
        lambda: answer(receipt(size=3)),
        "cosigned 0 idle +receipt-invalid",
    ),
    "receipt under another name": (
        lambda: answer(receipt(name="c.example")),
        "cosigned 0 idle +receipt-invalid",
    ),
    "receipt from the future": (lambda: answer(receipt(TIME + 400)), "cosigned 0 idle +clock"),
    "receipt from before the sending": (
        lambda: answer(receipt(TIME - 400)),
        "cosigned 0 idle +clock",
    ),
    "receipt a year ahead": (lambda: answer(receipt(TIME + 31_536_000)), "cosigned 0 idle +clock"),
    "receipt a year behind": (lambda: answer(receipt(TIME - 31_536_000)), "cosigned 0 idle +clock"),
    "own clock a year behind": (
        lambda: answer(receipt(TIME), now=TIME - 31_536_000),
        "cosigned 0 idle +clock",
    ),
    "receipt older than the last": (
        lambda: answer(receipt(TIME + 10), now=TIME + 1000, last_receipt=TIME + 900),
        "cosigned 0 idle +clock",
    ),
    "receipt with two times": (mixed_times, "cosigned 0 idle +receipt-invalid"),
    "checkpoint signature as a receipt": (
        log_line_as_receipt,
        "cosigned 0 idle +receipt-invalid",
    ),
    "reader claims more than was said": (
        lambda: answer(sender.Conflict(2**53)),
        "cosigned 0 stopped",
    ),
    "reader forgets what it receipted": (
        lambda: answer(sender.Conflict(1), cosigned=3, held=3),
        "cosigned 3 idle +receiver-restored",
    ),
    "reader refuses for ever": (
        lambda: answer(sender.Refused(422, b"no")),
        "cosigned 0 held +refused",
    ),
    "reader asks to wait a century": (
        lambda: answer(sender.Busy(3e9)),
        "cosigned 0 idle",
    ),
    "sign-off with one family": (office_downgrade, "exchange.signoff"),
    "one officer for two": (officer_twice, "exchange.signoff"),
    "pull signed by a stranger": (lambda: pull(by=M.receipt), SIGNATURE),
    "pull for another log": (lambda: pull(told={"log": "0" * 64}), SIGNATURE),
    "pull from another size": (lambda: pull(told={"old": 7}), SIGNATURE),
    "pull under another nonce": (lambda: pull(told={"nonce": "1" * 32}), SIGNATURE),
    # denial of service, and inputs that break readers
    "size of 2**63": (lambda: push(frame(0, 1, note=HUGE)), "400 exchange.checkpoint"),
    "a million entries": (
        lambda: push(b"passerelle-push/1\nold 0\nentries 1000000\nnote 1\n\n"),
        f"413 {SIZE}",
    ),
    "header of a gigabyte announced": (
        lambda: push(b"passerelle-push/1\nold 0\nentries 1\nnote 1\n\n" + b"\x40\x00\x00\x00"),
        f"413 {SIZE}",
    ),
    "body longer than announced": (lambda: push(frame(0, 1).encode() + b"x"), f"400 {BAD}"),
    "frame cut off": (lambda: push(frame(0, 1).encode()[:-1]), f"400 {BAD}"),
    "frame longer than agreed": (lambda: push(bytes(6_000_000)), f"413 {SIZE}"),
    "note with a thousand lines": (
        lambda: push(frame(0, 1, note=Note(HONEST.text, HONEST.lines * 6 + FOREIGN.lines * 12))),
        f"413 {SIZE}",
    ),
    "receipt with a thousand lines": (
        lambda: refused(lambda: parse_receipt("— x AAAAAAAA\n".encode() * 1000)),
        "exchange.note-lines",
    ),
    "deep JSON": (
        lambda: push_headers(b"[" * 5000 + b"]" * 5000),
        "stored unreadable",
    ),
    "a thousand keys": (
        lambda: refused(lambda: read(write({str(n): 0 for n in range(1000)}))),
        "exchange.json-keys",
    ),
    "huge integer": (lambda: push_headers(with_field(seen=1)[:-1] + b"0}"), "stored unreadable"),
    "duplicate key": (
        lambda: refused(lambda: read(b'{"a":1,"a":2}')),
        "exchange.json-unreadable",
    ),
    "unknown field": (lambda: push_headers(with_field(zz=1)), "stored unreadable"),
    "unknown thing that must be understood": (
        lambda: push_headers(with_field(crit=["zz"], ext={"zz": 1})),
        "stored not-understood",
    ),
    "bundle that lies about its length": (
        lambda: refused(
            lambda: Bundle.parse(
                b"passerelle-bundle/1\n" + b"\x00\x00\x00\x01" + bytes(2) + b"\xff" * 8
            )
        ),
        "exchange.bundle",
    ),
    # epochs, attachments, agreements, notices
    "epoch that drops a receipted entry": (
        lambda: epoch(told={"size": 3, "root": tree(3).root.hex()}),
        "exchange.epoch-size",
    ),
    "epoch that claims more than is held": (
        lambda: epoch(told={"size": 5}),
        "exchange.epoch-size",
    ),
    "epoch over another history": (
        lambda: epoch(told={"root": "0" * 64}),
        "exchange.epoch-root",
    ),
    "epoch of another log": (
        lambda: epoch(place=str(replace(OTHER, epoch=2))),
        "exchange.epoch-origin",
    ),
    "epoch after a log that is closed": (lambda: epoch(held=None), "exchange.epoch-unknown"),
    "epoch that skips one": (
        lambda: refused(lambda: epoch(told={"new": replace(ORIGIN, epoch=3)})),
        "exchange.field",
    ),
    "epoch signed by two holders": (
        lambda: epoch(holders=A.roles.root[:2]),
        "exchange.epoch-signature",
    ),
    "epoch signed by online keys": (
        lambda: epoch(holders=(A.log, A.receipt, A.roles.targets)),
        "exchange.epoch-signature",
    ),
    "epoch signed by one holder three times": (
        lambda: epoch(holders=(A.roles.root[0],) * 3),
        "exchange.epoch-signature",
    ),
    "later epoch without its notice": (
        lambda: push_epoch(with_field(origin=str(replace(ORIGIN, epoch=2)))),
        "422 exchange.epoch-notice +epoch",
    ),
    "upload begun under receipt keys": (lambda: blob_request(by=A.receipt), SIGNATURE),
    "upload request for another attachment": (lambda: blob_request(root="b" * 64), SIGNATURE),
    "upload request for another length": (lambda: blob_request(number=1 << 40), SIGNATURE),
    "agreement altered after signing": (
        lambda: agreement(
            lambda found: replace(found, payload=found.payload.replace(b":500", b":501"))
        ),
        "exchange.signoff",
    ),
    "agreement with one family dropped": (
        lambda: agreement(lambda found: replace(found, signatures=found.signatures[1:])),
        "exchange.signoff",
    ),
    "agreement signed twice by one side": (
        lambda: agreement(
            lambda found: replace(
                found,
                signatures=tuple(("b.example", *one[1:]) for one in found.signatures[:2]),
            )
        ),
        "exchange.signoff",
    ),
    "pause told under receipt keys": (lambda: pause_by(A.receipt), SIGNATURE),
    "pause told by a stranger": (lambda: pause_by(M.log), SIGNATURE),
    "bundle of a billion parts": (
        lambda: refused(lambda: Bundle.parse(b"passerelle-bundle/1\n" + b"\xff" * 4)),
        SIZE,
    ),
}
"""Name of each drill: the attack, and what must come of it."""
