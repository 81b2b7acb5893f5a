"""Write the test vectors of the exchange from fixed seeds: docs/reference/exchange/vectors.json.

Beside it ``trust.json``: the files of a whole trust set, and what a reader finds in them. Everything but HPKE seals and ML-DSA signatures (which the library draws) follows from the seeds, so a
second implementation can compare byte for byte; signatures and seals are verified and opened instead.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from passerelle.exchange.agreement import Agreement, Envelope, Terms  # noqa: E402 - as below
from passerelle.exchange.blob import CHUNK, blob_leaves, blob_root  # noqa: E402 - as below
from passerelle.exchange.blob_request import BlobRequest  # noqa: E402 - as below
from passerelle.exchange.card import (  # noqa: E402 - as below
    DatedKey,
    DatedSealKey,
    NodeCard,
    Office,
    Window,
)
from passerelle.exchange.epoch import EpochNotice  # noqa: E402 - as below
from passerelle.exchange.frame import (  # noqa: E402 - as below
    Bundle,
    PushFrame,
    ReaderRequest,
    peer_notice,
)
from passerelle.exchange.header import (  # noqa: E402 - after the path is set
    Body,
    Due,
    Enc,
    Handling,
    Header,
    Kind,
    Status,
    entry_id,
    header_hash,
    signed_payload,
)
from passerelle.exchange.merkle import (  # noqa: E402 - as above
    CompactRange,
    consistency_path,
    inclusion_path,
    leaf_hash,
    tree_root,
)
from passerelle.exchange.names import Origin  # noqa: E402 - as above
from passerelle.exchange.note import (  # noqa: E402 - as above
    Checkpoint,
    LineKind,
    Note,
    key_id,
    sign_checkpoint,
    sign_receipt,
)
from passerelle.exchange.publish import (  # noqa: E402 - as above
    RoleKeys,
    publish_card,
    publish_root,
)
from passerelle.exchange.seal import (  # noqa: E402 - as above
    EntryKey,
    commitment,
    content_keys,
    encrypt,
    pad,
    seal_info,
    seal_key_id,
)
from passerelle.exchange.signoff import (  # noqa: E402 - as above
    PAYLOAD_TYPE,
    add_signoff,
    office_key_id,
    pre_authentication,
)
from passerelle.exchange.stream import encrypt_stream  # noqa: E402 - as above
from passerelle.exchange.suite import S1, SoftOpener, SoftSigner  # noqa: E402 - as above
from passerelle.exchange.trust import fingerprint, fingerprint_words  # noqa: E402 - as above

PATH = ROOT / "docs" / "reference" / "exchange" / "vectors.json"
TRUST = PATH.with_name("trust.json")
START = datetime(2024, 4, 22, 9, tzinfo=UTC)
DRAWN = {
    "seals": {"sealed"},
    "notes": {"note", "receipt"},
    "signoff": {"officer"},
    "wire": {"push"},
}
"""What the library draws: verified or opened by a second implementation, not compared."""
ORIGIN = Origin("a.example", "b.example")


def seed(name: str, size: int = 32) -> bytes:
    """Draw bytes from a name: SHAKE-256 of ``passerelle vectors`` and the name."""
    return hashlib.shake_256(f"passerelle vectors {name}".encode()).digest(size)


def header(index: int) -> Header:
    """Make the header of the vectors, still without seals."""
    key = EntryKey(seed(f"entry key {index}"), S1)
    content = b'{"n":%d}' % index
    ciphertext = encrypt(key.derive("body-key"), seed(f"salt {index}", 24), pad(content))
    return Header(
        origin=ORIGIN,
        index=index,
        from_office="cooperation",
        to_office="cooperation",
        kind=Kind.REQUEST,
        status=Status.EXERCISE,
        case="0123456789abcdef0123456789abcdef",
        issued=datetime(2024, 4, 22, 9, 0, tzinfo=UTC),
        seen=0,
        handling=Handling(tlp="amber", purpose="event.support"),
        due=Due(72, "hours", "receipt"),
        body=Body(
            "application/json",
            len(ciphertext),
            hashlib.sha256(ciphertext).hexdigest(),
            commitment(key.derive("body-salt"), content),
            (Enc("blank", "0" * 16, "AA"),),
        ),
    )


def seals() -> dict[str, Any]:
    """Describe key schedule, padding, chunks, commitment and the place of a seal."""
    key = EntryKey(seed("entry key 0"), S1)
    labels = ("body-key", "body-salt", "att-key/0", "att-salt/0")
    opener = SoftOpener(S1, seed("kem", 64), seed("curve"))
    info = seal_info(
        S1,
        origin=str(ORIGIN),
        index=0,
        office="cooperation",
        key=seal_key_id(opener.seal_key),
        header_hash=header_hash(header(0)),
    )
    return {
        "entry_key": key.secret.hex(),
        "derived": {label: key.derive(label).hex() for label in labels},
        "content": '{"n":0}',
        "padded_sha256": hashlib.sha256(pad(b'{"n":0}')).hexdigest(),
        "padded_size": len(pad(b'{"n":0}')),
        "salt": seed("salt 0", 24).hex(),
        "ciphertext": encrypt(key.derive("body-key"), seed("salt 0", 24), pad(b'{"n":0}')).hex(),
        "commitment": commitment(key.derive("body-salt"), b'{"n":0}'),
        "chunks": [
            {
                "size": size,
                "ciphertext_sha256": hashlib.sha256(
                    encrypt(bytes(32), bytes(24), bytes(size))
                ).hexdigest(),
            }
            for size in (0, 1, 16_383, 16_384, 16_385, 40_000)
        ],
        "kem_seed": opener.kem_seed.hex(),
        "curve_secret": opener.curve_secret.hex(),
        "seal_key_id": seal_key_id(opener.seal_key),
        "seal_info": info.decode(),
        "sealed": base64.b64encode(opener.seal_key.seal(key.secret, info)).decode(),
    }


def tree() -> dict[str, Any]:
    """Describe roots and proofs over three headers."""
    blank = [replace(header(n), body=None) for n in range(3)]
    leaves = [leaf_hash(item.encode()) for item in blank]
    return {
        "headers": [item.encode().decode() for item in blank],
        "entry_ids": [entry_id(item.encode()) for item in blank],
        "leaves": [leaf.hex() for leaf in leaves],
        "roots": [tree_root(leaves[:size]).hex() for size in range(4)],
        "inclusion_of_1_in_3": [item.hex() for item in inclusion_path(leaves, 1)],
        "consistency_of_2_with_3": [item.hex() for item in consistency_path(leaves, 2)],
        "compact_range_of_3": CompactRange().extend(leaves).to_bytes().hex(),
    }


def notes() -> dict[str, Any]:
    """Describe a checkpoint and a receipt, with keys."""
    log = SoftSigner(tuple((a, seed(f"log {a.value}")) for a in S1.signatures))
    receipt = SoftSigner(tuple((a, seed(f"receipt {a.value}")) for a in S1.signatures))
    stated = Checkpoint(str(ORIGIN), 3, bytes.fromhex(tree()["roots"][3]))
    return {
        "checkpoint": stated.text.decode(),
        "log_keys": {key.algorithm.value: key.raw.hex() for key in log.public_keys},
        "log_key_ids": [key_id(str(ORIGIN), LineKind.LOG, k).hex() for k in log.public_keys],
        "note": sign_checkpoint(stated, log).encode().decode(),
        "receipt_time": 1_713_776_460,
        "receipt_keys": {key.algorithm.value: key.raw.hex() for key in receipt.public_keys},
        "receipt_key_ids": [
            key_id("b.example", LineKind.RECEIPT, k).hex() for k in receipt.public_keys
        ],
        "receipt": "".join(
            line.encode().decode()
            for line in sign_receipt(stated, "b.example", receipt, 1_713_776_460)
        ),
    }


def attachment() -> dict[str, Any]:
    """Encrypt an attachment of a chunk and a bit, as a stream; its content follows from a seed."""
    key, content = EntryKey(seed("entry key 0"), S1), seed("attachment", CHUNK + 1000)
    secret, salt = content_keys(key, "att/1")
    sealed = b"".join(encrypt_stream(secret, seed("attachment salt", 24), [content]))
    request = BlobRequest(
        "put", ORIGIN.log_id, blob_root(sealed), len(sealed), "0" * 32, 1713776400
    )
    return {
        "entry_key": key.secret.hex(),
        "number": 1,
        "content": "SHAKE-256 of 'passerelle vectors attachment', 1049576 bytes",
        "salt": seed("attachment salt", 24).hex(),
        "size": len(sealed),
        "ciphertext_sha256": hashlib.sha256(sealed).hexdigest(),
        "leaves": [leaf.hex() for leaf in blob_leaves(sealed)],
        "root": blob_root(sealed),
        "commitment": commitment(salt, content),
        "request": request.text.decode(),
    }


def documents() -> dict[str, Any]:
    """Write what holders, offices and nodes sign beside the log."""
    new = replace(ORIGIN, epoch=2)
    notice = EpochNotice(ORIGIN, new, 42, "ab" * 32, "lost", datetime(2024, 4, 22, 9, tzinfo=UTC))
    nodes = (("a.example", "cooperation"), ("b.example", "judicial"))
    agreed = Agreement(nodes, 1, datetime(2024, 4, 22, 9, tzinfo=UTC), Terms(kinds=("report",)))
    return {
        "epoch": notice.encode().decode(),
        "agreement": agreed.encode().decode(),
        "agreement_digest": Envelope(agreed.encode()).digest,
        "peer_notice": peer_notice(ORIGIN.log_id, paused=True, time=1713776400).text.decode(),
    }


def officer() -> SoftSigner:
    """Return the keys of the officer of the vectors."""
    return SoftSigner(tuple((a, seed(f"officer {a.value}")) for a in S1.signatures))


def signoff() -> dict[str, Any]:
    """Describe what an officer signs, and the two signatures."""
    payload, keys = signed_payload(header(0)), officer().public_keys
    signed = add_signoff(header(0), "cooperation", officer())
    return {
        "payload": payload.decode(),
        "pae_sha256": hashlib.sha256(pre_authentication(PAYLOAD_TYPE, payload)).hexdigest(),
        "keys": {key.algorithm.value: key.raw.hex() for key in keys},
        "key_ids": [office_key_id(key) for key in keys],
        "officer": [{"office": o, "key": k, "sig": sig} for o, k, sig in signed.officer],
    }


def wire(note: str) -> dict[str, Any]:
    """Describe frames, requests and bundles."""
    entries = tuple(
        (one.encode(), b"") for one in (replace(header(n), body=None) for n in range(3))
    )
    signed = Note.parse(note.encode())
    request = ReaderRequest("pull", ORIGIN.log_id, 2, "0" * 32, 1713776400)
    receipt = SoftSigner(tuple((a, seed(f"receipt {a.value}")) for a in S1.signatures))
    bundle = Bundle((("receipt", b"lines"), ("trust/node.json", b"{}")))
    return {
        "push": base64.b64encode(PushFrame(0, entries, signed).encode()).decode(),
        "push_head": f"passerelle-push/1\nold 0\nentries 3\nnote {len(note.encode())}\n\n",
        "pull": request.sign("b.example", receipt).text.decode(),
        "suffix": replace(request, kind="suffix").sign(str(ORIGIN), receipt).text.decode(),
        "bundle": bundle.encode().hex(),
    }


def card() -> NodeCard:
    """Make the card of the vectors."""
    opener = SoftOpener(S1, seed("kem", 64), seed("curve"))
    log, receipt = (
        SoftSigner(tuple((a, seed(f"{name} {a.value}")) for a in S1.signatures))
        for name in ("log", "receipt")
    )
    window = Window(START)
    return NodeCard(
        node="a.example",
        log_keys=tuple(DatedKey(key, window) for key in log.public_keys),
        receipt_keys=tuple(DatedKey(key, window) for key in receipt.public_keys),
        offices=(
            Office(
                "cooperation",
                (DatedSealKey(opener.seal_key, window),),
                (tuple(DatedKey(key, window) for key in officer().public_keys),),
            ),
        ),
        endpoints=("https://a.example",),
        bundle_key=(DatedSealKey(opener.seal_key, window),),
        names=(("en", "Example"),),
        tls_spki=("ab" * 32,),
    )


def trust() -> dict[str, Any]:
    """Publish a trust set and say what a reader finds in it."""
    made = [
        SoftSigner(tuple((a, seed(f"role {n} {a.value}")) for a in S1.signatures)) for n in range(8)
    ]
    roles = RoleKeys(tuple(made[:5]), *made[5:])
    root = publish_root(roles, START)
    files = {"1.root.json": root} | publish_card(card().encode(), roles, START, version=1)
    return {
        "about": "A whole trust set. Made by tools/exchange_vectors.py.",
        "fingerprint": fingerprint(root),
        "words": fingerprint_words(root),
        "files": {name: data.decode() for name, data in files.items()},
    }


def derived(note: str) -> dict[str, Any]:
    """Compute every section; ``note`` is the published checkpoint, whose signatures are drawn."""
    return {
        "about": "Test vectors of the exchange, suite S1. Made by tools/exchange_vectors.py.",
        "log_id": ORIGIN.log_id,
        "seals": seals(),
        "tree": tree(),
        "notes": notes(),
        "signoff": signoff(),
        "attachment": attachment(),
        "documents": documents() | {"card": card().encode().decode()},
        "wire": wire(note),
    }


def main() -> None:
    """Write the file; seals and signatures that were published stay, as others would be as good."""
    kept = json.loads(PATH.read_text("utf-8")) if PATH.exists() else {}
    note = kept["notes"]["note"] if "notes" in kept else notes()["note"]
    found = derived(note)
    for section, names in DRAWN.items():
        for name in names & kept.get(section, {}).keys():
            found[section][name] = kept[section][name]
    PATH.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    if not TRUST.exists():
        TRUST.write_text(json.dumps(trust(), indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
