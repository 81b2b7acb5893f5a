"""The published vectors: what this version computes must be what was published."""

from __future__ import annotations

import base64
import importlib.util
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from passerelle.exchange.agreement import Agreement, Envelope
from passerelle.exchange.blob import blob_leaves, blob_root
from passerelle.exchange.blob_request import BlobRequest
from passerelle.exchange.epoch import EpochNotice
from passerelle.exchange.frame import (
    Bundle,
    FrameLimits,
    PushFrame,
    ReaderRequest,
    parse_receipt,
)
from passerelle.exchange.merkle import leaf_hash, tree_root, verify_consistency, verify_inclusion
from passerelle.exchange.note import Note, Statement, verify_checkpoint, verify_receipt
from passerelle.exchange.seal import (
    EntryKey,
    commitment,
    content_keys,
    encrypt,
    open_content,
    pad,
)
from passerelle.exchange.signoff import (
    PAYLOAD_TYPE,
    OfficeKeys,
    office_key_id,
    pre_authentication,
    verify_signoffs,
)
from passerelle.exchange.standalone import passerelle_verify
from passerelle.exchange.stream import encrypt_stream
from passerelle.exchange.suite import S1, Algorithm, PublicKey, SoftOpener
from passerelle.exchange.trust import fingerprint, pin_root, refresh

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType


@pytest.fixture(scope="module")
def vectors(project_root: Path) -> dict[str, Any]:
    """Read the published file."""
    path = project_root / "docs" / "reference" / "exchange" / "vectors.json"
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def keys(found: dict[str, str]) -> tuple[PublicKey, ...]:
    """Read published public keys."""
    return tuple(PublicKey(Algorithm(name), bytes.fromhex(raw)) for name, raw in found.items())


def test_key_schedule_padding_and_chunks(vectors: dict[str, Any]) -> None:
    found = vectors["seals"]
    key = EntryKey(bytes.fromhex(found["entry_key"]), S1)
    content = found["content"].encode()

    assert {label: key.derive(label).hex() for label in found["derived"]} == found["derived"]
    made = encrypt(key.derive("body-key"), bytes.fromhex(found["salt"]), pad(content))
    assert made.hex() == found["ciphertext"]
    assert commitment(key.derive("body-salt"), content) == found["commitment"]
    assert open_content(key, made, found["commitment"]) == content


def test_a_published_seal_opens(vectors: dict[str, Any]) -> None:
    found = vectors["seals"]
    opener = SoftOpener(S1, bytes.fromhex(found["kem_seed"]), bytes.fromhex(found["curve_secret"]))

    opened = opener.open(base64.b64decode(found["sealed"]), found["seal_info"].encode())

    assert opened.hex() == found["entry_key"]


def test_tree_and_proofs(vectors: dict[str, Any]) -> None:
    found = vectors["tree"]
    leaves = [leaf_hash(header.encode()) for header in found["headers"]]
    roots = [bytes.fromhex(root) for root in found["roots"]]

    assert [tree_root(leaves[:size]) for size in range(4)] == roots
    path = [bytes.fromhex(item) for item in found["inclusion_of_1_in_3"]]
    verify_inclusion(leaves[1], 1, 3, path, roots[3])
    path = [bytes.fromhex(item) for item in found["consistency_of_2_with_3"]]
    verify_consistency(2, 3, roots[2], roots[3], path)


def test_published_notes_verify(vectors: dict[str, Any]) -> None:
    found = vectors["notes"]
    note = Note.parse(found["note"].encode())
    origin = found["checkpoint"].split("\n")[0]

    stated = verify_checkpoint(note, origin, S1, keys(found["log_keys"]))
    lines = parse_receipt(found["receipt"].encode())

    assert stated.text.decode() == found["checkpoint"]
    time = verify_receipt(stated, "b.example", S1, keys(found["receipt_keys"]), lines)
    assert time == found["receipt_time"]


def test_signoff_covers_the_published_bytes(vectors: dict[str, Any]) -> None:
    import hashlib

    found = vectors["signoff"]
    data = pre_authentication(PAYLOAD_TYPE, found["payload"].encode())

    assert hashlib.sha256(data).hexdigest() == found["pae_sha256"]


def test_attachments_are_encrypted_as_published(vectors: dict[str, Any]) -> None:
    import hashlib

    found = vectors["attachment"]
    key = EntryKey(bytes.fromhex(found["entry_key"]), S1)
    content = hashlib.shake_256(b"passerelle vectors attachment").digest(1049576)
    secret, salt = content_keys(key, f"att/{found['number']}")

    sealed = b"".join(encrypt_stream(secret, bytes.fromhex(found["salt"]), [content]))

    assert (len(sealed), hashlib.sha256(sealed).hexdigest()) == (
        found["size"],
        found["ciphertext_sha256"],
    )
    assert [leaf.hex() for leaf in blob_leaves(sealed)] == found["leaves"]
    assert blob_root(sealed) == found["root"]
    assert commitment(salt, content) == found["commitment"]
    request = BlobRequest.parse(found["request"].encode())
    assert (request.root, request.number) == (found["root"], found["size"])


def test_documents_beside_the_log_are_read_as_published(vectors: dict[str, Any]) -> None:
    found = vectors["documents"]

    notice = EpochNotice.parse(found["epoch"].encode())
    agreed = Agreement.parse(found["agreement"].encode())

    assert notice.encode().decode() == found["epoch"]
    assert (notice.size, notice.new.epoch) == (42, 2)
    assert Envelope(agreed.encode()).digest == found["agreement_digest"]
    assert Statement.parse(found["peer_notice"].encode()).fields[1] == "paused"


@pytest.fixture(scope="module")
def tool(project_root: Path) -> ModuleType:
    """Load the tool that made the file."""
    path = project_root / "tools" / "exchange_vectors.py"
    spec = importlib.util.spec_from_file_location("exchange_vectors", path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_every_published_value_is_derived_again_from_the_seeds(
    vectors: dict[str, Any], tool: ModuleType
) -> None:
    derived = tool.derived(vectors["notes"]["note"])

    for section, names in tool.DRAWN.items():
        assert names <= derived[section].keys()
        for name in names:
            derived[section][name] = vectors[section][name]
    assert derived == vectors


def test_the_published_sign_off_is_complete(vectors: dict[str, Any]) -> None:
    found = vectors["signoff"]
    officer = keys(found["keys"])
    data = pre_authentication(PAYLOAD_TYPE, found["payload"].encode())
    lines = [(one["office"], one["key"], one["sig"]) for one in found["officer"]]

    assert [office_key_id(key) for key in officer] == found["key_ids"]
    assert verify_signoffs(data, lines, OfficeKeys("cooperation", (officer,))) == 1


def test_published_frames_and_requests_are_read(vectors: dict[str, Any]) -> None:
    found = vectors["wire"]

    frame = PushFrame.parse(base64.b64decode(found["push"]), FrameLimits())
    assert base64.b64decode(found["push"]).startswith(found["push_head"].encode())
    assert [header.decode() for header, _ in frame.entries] == vectors["tree"]["headers"]
    assert frame.note.encode().decode() == vectors["notes"]["note"]
    for kind in ("pull", "suffix"):
        assert ReaderRequest.parse(found[kind].encode()).old == 2
    bundle = Bundle.parse(bytes.fromhex(found["bundle"]))
    assert bundle.parts == (("receipt", b"lines"), ("trust/node.json", b"{}"))


def test_the_published_trust_set_is_accepted_by_both_readers(
    vectors: dict[str, Any], project_root: Path
) -> None:
    path = project_root / "docs" / "reference" / "exchange" / "trust.json"
    found = json.loads(path.read_text("utf-8"))
    files = {name: text.encode() for name, text in found["files"].items()}
    root = files["1.root.json"]

    taken = refresh(
        pin_root(root, found["words"]), "a.example", files, datetime(2024, 4, 22, 10, tzinfo=UTC)
    )
    shown = passerelle_verify.check_node("a.example", files)

    assert fingerprint(root) == found["fingerprint"] == shown.fingerprint
    assert taken.card_bytes.decode() == vectors["documents"]["card"]
    assert [key.raw.hex() for key in shown.log_keys] == list(vectors["notes"]["log_keys"].values())
