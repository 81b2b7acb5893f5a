"""Formats against published facts and against each other."""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import replace

import pytest
from tests.simulators.exchange_keys import ORIGIN, TIME, node, sealed_entry

from passerelle.exchange.blob import CHUNK, Upload, blob_leaves, blob_root
from passerelle.exchange.errors import (
    FrameError,
    InconsistentError,
    LimitError,
    LocalProtocolError,
    SignatureError,
)
from passerelle.exchange.frame import Bundle, FrameLimits, PushFrame, ReaderRequest
from passerelle.exchange.header import parse_header, signed_payload
from passerelle.exchange.jcs import Limits, read, write
from passerelle.exchange.merkle import (
    EMPTY_ROOT,
    CompactRange,
    consistency_path,
    inclusion_path,
    leaf_hash,
    tree_root,
    verify_consistency,
    verify_inclusion,
)
from passerelle.exchange.names import Origin
from passerelle.exchange.note import (
    Checkpoint,
    Note,
    sign_checkpoint,
    sign_receipt,
    verify_checkpoint,
    verify_receipt,
)
from passerelle.exchange.seal import (
    EntryKey,
    decrypt,
    encrypt,
    open_content,
    pad,
    seal_content,
    unpad,
    unwrap,
    wrap,
)
from passerelle.exchange.signoff import (
    OfficeKeys,
    add_signoff,
    pre_authentication,
    verify_signoff,
)
from passerelle.exchange.suite import S1, S2, Algorithm, PublicKey, SoftOpener, SoftSigner

DRAW = random.Random(7).randbytes

# RFC 6962 test tree of Certificate Transparency: eight leaves, root of each size.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def test_roots_are_those_of_the_reference_tree() -> None:
    hashes = [leaf_hash(leaf) for leaf in LEAVES]

    assert [tree_root(hashes[:size]).hex() for size in range(1, 9)] == ROOTS
    assert hashlib.sha256(b"").digest() == EMPTY_ROOT


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 64, 65])
def test_every_leaf_and_every_older_size_is_proved(size: int) -> None:
    hashes = [leaf_hash(bytes([n])) for n in range(size)]
    root = tree_root(hashes)

    for index in range(size):
        verify_inclusion(hashes[index], index, size, inclusion_path(hashes, index), root)
        path = consistency_path(hashes, index)
        verify_consistency(index, size, tree_root(hashes[:index]), root, path)


@pytest.mark.parametrize("old", [-1, 4])
def test_no_proof_is_made_for_a_size_beyond_the_tree(old: int) -> None:
    leaves = [leaf_hash(bytes([n])) for n in range(3)]

    with pytest.raises(LocalProtocolError, match="older size"):
        consistency_path(leaves, old)


def test_a_proof_for_another_leaf_or_root_is_refused() -> None:
    hashes = [leaf_hash(bytes([n])) for n in range(7)]
    path, root = inclusion_path(hashes, 3), tree_root(hashes)

    for leaf, index, found in (
        (hashes[2], 3, path),
        (hashes[3], 2, path),
        (hashes[3], 3, path[1:]),
    ):
        with pytest.raises(InconsistentError):
            verify_inclusion(leaf, index, 7, found, root)
    with pytest.raises(InconsistentError):
        verify_consistency(4, 7, root, root, consistency_path(hashes, 4))


def test_a_compact_range_survives_storage() -> None:
    tree = CompactRange().extend(leaf_hash(bytes([n])) for n in range(11))

    assert CompactRange.from_bytes(11, tree.to_bytes()) == tree


# RFC 8032, section 7.1, tests 1 to 3: secret key, public key, message, signature.
ED25519 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b4"
            "6bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d"
            "8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
]


@pytest.mark.parametrize(("secret", "public", "message", "signature"), ED25519)
def test_ed25519_is_that_of_rfc_8032(
    secret: str, public: str, message: str, signature: str
) -> None:
    signer = SoftSigner(((Algorithm.ED25519, bytes.fromhex(secret)),))

    assert signer.public_keys[0].raw.hex() == public
    assert signer.sign(bytes.fromhex(message))[0].hex() == signature


def test_a_key_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(FrameError):
        PublicKey(Algorithm.ML_DSA_65, bytes(32))


# RFC 8785, section 3.2: order by UTF-16, the shortest escapes, nothing else.
CANONICAL = [
    (
        {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7},
        '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\U0001f600":5,"\ufb33":3}',
    ),
    ({"b": [True, None, ""], "a": {"z": -1}}, '{"a":{"z":-1},"b":[true,null,""]}'),
    ({"t": '\u000f"\\/\b\t\n'}, '{"t":"\\u000f\\"\\\\/\\b\\t\\n"}'),
]


@pytest.mark.parametrize(("value", "text"), CANONICAL)
def test_json_is_written_as_rfc_8785_says(value: dict[str, object], text: str) -> None:
    assert write(value).decode() == text  # type: ignore[arg-type]
    assert read(text.encode()) == value


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" {}",
        b"{} ",
        b'{"a":1,"a":1}',
        b'{"b":1,"a":1}',
        b'{"a":1.0}',
        b'{"a":1e2}',
        b'{"a":-0}',
        b'{"a":01}',
        b'{"a":9007199254740992}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":"\\ud800"}',
        b'{"a":"\\u0061"}',
        b'{"a":"\\/"}',
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":"\xff"}',
        b'{"a":"\x01"}',
        b"{'a':1}",
        b'{"a":1,}',
        b"[1,]",
        b'{"a"}',
        b"nul",
        b'{"a":1}x',
        b'{"\\u0061":1}',
        b"[1 ,2]",
        b"\x00",
    ],
)
def test_json_in_any_other_form_is_refused(data: bytes) -> None:
    with pytest.raises(FrameError):
        read(data)


def test_json_limits_hold_before_anything_is_built() -> None:
    with pytest.raises(LimitError):
        read(b"[" * 17 + b"]" * 17)
    with pytest.raises(LimitError):
        read(write({str(n): n for n in range(300)}))
    with pytest.raises(LimitError):
        read(b'"' + b"a" * 70_000 + b'"')
    assert read(b"[" * 17 + b"]" * 17, Limits(depth=17)) is not None


@pytest.mark.parametrize("value", [1.5, 2**53, "\ud800", {1: 2}, {"a": b"x"}])
def test_what_has_no_canonical_form_is_not_written(value: object) -> None:
    with pytest.raises(LocalProtocolError):
        write(value)  # type: ignore[arg-type]


def test_a_header_comes_back_as_it_was() -> None:
    header, _, _ = sealed_entry(ORIGIN, 0, b'{"n":1}')

    assert parse_header(header).encode() == header


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("v", 2),
        ("origin", "a.example/to/a.example/epoch-1"),
        ("origin", "a.example/to/b.example/epoch-0"),
        ("index", -1),
        ("index", True),
        ("from", "c.example"),
        ("to", "c.example"),
        ("kind", "order"),
        ("status", "real"),
        ("case", "12"),
        ("issued", "2024-04-22T09:00:00+00:00"),
        ("issued", "2024-04-22T09:00:00.5Z"),
        ("from_office", "Coopération"),
        ("seen", -1),
        ("handling", {"tlp": "purple", "onward": "none"}),
        ("handling", {"tlp": "red", "onward": "none", "more": 1}),
        ("re", []),
        ("re", ["0" * 63]),
        ("re", ["0" * 64, "0" * 64]),
        ("supersedes", ["0" * 64] * 33),
        ("due", {"value": 0, "unit": "hours"}),
        ("body", {"type": "application/json", "size": 1, "ct": "0" * 64, "commit": "0" * 64}),
        ("crit", ["unknown"]),
        ("ext", {"x": "y" * 9000}),
        ("att", [{"size": -1, "root": "0" * 64, "commit": "0" * 64, "policy": "with"}]),
        ("surplus", 1),
    ],
)
def test_a_header_with_a_wrong_field_is_refused(field: str, value: object) -> None:
    found = json.loads(sealed_entry(ORIGIN, 0, b"{}")[0])
    found[field] = value
    if field == "due":
        found["due_from"] = "sent"

    with pytest.raises((FrameError, LimitError)):
        parse_header(write(found))


def test_checkpoint_and_receipt_verify_under_both_families_only() -> None:
    writer, reader = node("a.example"), node("b.example")
    checkpoint = Checkpoint(str(ORIGIN), 3, tree_root([leaf_hash(b"x")] * 3))
    note = Note.parse(sign_checkpoint(checkpoint, writer.log).encode())
    lines = sign_receipt(checkpoint, "b.example", reader.receipt, TIME)

    assert verify_checkpoint(note, str(ORIGIN), S1, writer.log.public_keys) == checkpoint
    keys = reader.receipt.public_keys
    assert verify_receipt(checkpoint, "b.example", S1, keys, lines) == TIME
    for short in (note.lines[:1], note.lines[1:], ()):
        with pytest.raises(SignatureError):
            verify_checkpoint(Note(note.text, short), str(ORIGIN), S1, writer.log.public_keys)
    for cut in (lines[:1], lines[1:], ()):
        with pytest.raises(SignatureError):
            verify_receipt(checkpoint, "b.example", S1, keys, cut)


@pytest.mark.parametrize(
    "text",
    [
        b"a\n01\n" + b"A" * 43 + b"=\n",
        b"a\n1\n" + b"A" * 43 + b"=\nextension\n",
        b"a\n1\n" + b"A" * 42 + b"B=\n",
        b"a\n-1\n" + b"A" * 43 + b"=\n",
        b"a\n99999999999999999999\n" + b"A" * 43 + b"=\n",
        b"a\n1\nAAAA\n",
        b"\n1\n" + b"A" * 43 + b"=\n",
    ],
)
def test_a_checkpoint_in_any_other_form_is_refused(text: bytes) -> None:
    with pytest.raises(FrameError):
        Checkpoint.parse(text)


@pytest.mark.parametrize("size", [0, 1, 1015, 1016, 1017, 16_383, 16_384, 16_385, 200_000])
def test_content_comes_back_whatever_its_length(size: int) -> None:
    key = EntryKey(DRAW(32), S1)
    content = DRAW(size)

    sealed = seal_content(key, content, DRAW)

    assert open_content(key, sealed.ciphertext, sealed.commit) == content
    assert unpad(pad(content)) == content
    attached = seal_content(key, content, DRAW, "att/0")
    assert open_content(key, attached.ciphertext, attached.commit, "att/0") == content


@pytest.mark.parametrize("length", [0, 55, 56, 71, 72, 16_384 + 56, 16_400 + 56, 16_401 + 56])
def test_a_ciphertext_cut_anywhere_is_refused(length: int) -> None:
    whole = encrypt(bytes(32), bytes(24), bytes(40_000))

    with pytest.raises(FrameError):
        decrypt(bytes(32), whole[:length])


def test_a_ciphertext_commits_to_its_key() -> None:
    with pytest.raises(FrameError):
        decrypt(b"\x01" * 32, encrypt(bytes(32), bytes(24), b"secret"))


def test_another_content_under_an_old_commitment_is_refused() -> None:
    key = EntryKey(DRAW(32), S1)
    first, second = (seal_content(key, text, DRAW) for text in (b"one", b"two"))

    with pytest.raises(InconsistentError):
        open_content(key, second.ciphertext, first.commit)


def test_what_rests_is_bound_to_its_entry() -> None:
    wrapped = wrap(bytes(32), "a" * 64, b"body", DRAW(12))

    assert unwrap(bytes(32), "a" * 64, wrapped) == b"body"
    with pytest.raises(FrameError):
        unwrap(bytes(32), "b" * 64, wrapped)
    with pytest.raises(FrameError):
        unwrap(b"\x01" * 32, "a" * 64, wrapped)


@pytest.mark.parametrize("suite", [S1, S2])
def test_a_seal_opens_in_its_place_only(suite: object) -> None:
    opener = SoftOpener.generate(suite, DRAW)  # type: ignore[arg-type]
    sealed = opener.seal_key.seal(b"k" * 32, b"here")

    assert opener.open(sealed, b"here") == b"k" * 32
    assert len(sealed) == opener.suite.sealed_size
    with pytest.raises(SignatureError):
        opener.open(sealed, b"there")


def test_officers_sign_off_together_in_both_families() -> None:
    office = node("a.example").officer
    other = node("b.example").officer
    header = parse_header(sealed_entry(ORIGIN, 0, b"{}")[0])
    both = OfficeKeys("cooperation", (office.public_keys, other.public_keys), threshold=2)

    signed = add_signoff(add_signoff(header, "cooperation", office), "cooperation", other)

    assert verify_signoff(signed, both) == 2
    moved = replace(signed, index=9)
    assert signed_payload(moved) == signed_payload(header)
    with pytest.raises(SignatureError):
        verify_signoff(add_signoff(header, "cooperation", office), both)
    with pytest.raises(SignatureError):
        verify_signoff(replace(signed, officer=signed.officer[::2]), both)
    with pytest.raises(SignatureError):
        verify_signoff(replace(signed, case="f" * 32), both)


def test_dsse_encodes_as_its_specification_says() -> None:
    assert pre_authentication("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_a_frame_comes_back_and_lengths_bind() -> None:
    header, body, _ = sealed_entry(ORIGIN, 0, b"{}")
    note = sign_checkpoint(Checkpoint(str(ORIGIN), 1, leaf_hash(header)), node("a.example").log)
    frame = PushFrame(0, ((header, body),), note)

    assert PushFrame.parse(frame.encode(), FrameLimits()) == frame
    with pytest.raises(LimitError):
        PushFrame.parse(frame.encode(), FrameLimits(header=10))
    with pytest.raises(LimitError):
        PushFrame.parse(frame.encode(), FrameLimits(entries=0))
    for cut in (1, 40, 90, len(frame.encode()) - 1):
        with pytest.raises(FrameError):
            PushFrame.parse(frame.encode()[:cut], FrameLimits())


def test_requests_and_bundles_come_back() -> None:
    request = ReaderRequest("pull", "a" * 64, 7, "b" * 32, TIME)
    note = request.sign("b.example", node("b.example").receipt)
    bundle = Bundle((("push", b"x"), ("receipt", b""), ("trust/1.root.json", b"{}")))

    assert ReaderRequest.parse(note.text) == request
    assert Bundle.parse(bundle.encode()) == bundle
    for at in range(len(bundle.encode())):
        with pytest.raises((FrameError, LimitError)):
            Bundle.parse(bundle.encode()[:at])


def test_an_upload_is_checked_chunk_by_chunk_and_resumed() -> None:
    content = DRAW(2 * CHUNK + 5)
    leaves = b"".join(blob_leaves(content))
    upload = Upload.begin(blob_root(content), len(content), leaves, 1 << 30)

    upload = upload.take(0, content[:CHUNK])

    assert (upload.offset, upload.complete) == (CHUNK, False)
    with pytest.raises(InconsistentError):
        upload.take(CHUNK, bytes(CHUNK))
    with pytest.raises(FrameError):
        upload.take(0, content[:CHUNK])
    upload = upload.take(CHUNK, content[CHUNK : 2 * CHUNK])
    assert upload.take(2 * CHUNK, content[2 * CHUNK :]).complete
    with pytest.raises(InconsistentError):
        Upload.begin("0" * 64, len(content), leaves, 1 << 30)
    with pytest.raises(LimitError):
        Upload.begin(blob_root(content), len(content), leaves, 10)


@pytest.mark.parametrize(
    "text", ["a/to/b", "a/to/b/epoch-01", "a/to/a/epoch-1", "A/to/b/epoch-1", ""]
)
def test_an_origin_in_any_other_form_is_refused(text: str) -> None:
    with pytest.raises(FrameError):
        Origin.parse(text)
