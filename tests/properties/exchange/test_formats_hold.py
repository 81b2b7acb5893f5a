"""Formats under arbitrary input: what is written is read back; what is read raises declared errors only."""

from __future__ import annotations

import random

import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.simulators.exchange_keys import ORIGIN, sealed_entry

from passerelle.exchange.errors import InconsistentError, LimitError, RemoteProtocolError
from passerelle.exchange.frame import Bundle, FrameLimits, PushFrame, ReaderRequest
from passerelle.exchange.header import parse_header
from passerelle.exchange.jcs import Limits, read, write
from passerelle.exchange.merkle import (
    CompactRange,
    consistency_path,
    inclusion_path,
    leaf_hash,
    tree_root,
    verify_consistency,
    verify_inclusion,
)
from passerelle.exchange.note import Checkpoint, Note, parse_lines
from passerelle.exchange.seal import EntryKey, decrypt, open_content, seal_content
from passerelle.exchange.suite import S1

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
HEADER = sealed_entry(ORIGIN, 0, b"{}")[0]


@given(VALUES)
def test_json_is_written_as_the_reference_does_and_read_back(value: object) -> None:
    data = write(value)  # type: ignore[arg-type]

    assert data == rfc8785.dumps(value)  # type: ignore[arg-type]
    try:
        assert read(data) == value
    except LimitError:
        assert data.count(b"[") + data.count(b"{") > Limits().depth


@given(st.binary(max_size=300))
def test_readers_raise_declared_errors_only(data: bytes) -> None:
    readers = (
        read,
        parse_header,
        Note.parse,
        parse_lines,
        Checkpoint.parse,
        ReaderRequest.parse,
        Bundle.parse,
        lambda found: PushFrame.parse(found, FrameLimits()),
        lambda found: decrypt(bytes(32), found),
    )
    for reader in readers:
        try:
            reader(data)
        except RemoteProtocolError:
            continue


@settings(max_examples=200)
@given(st.integers(0, len(HEADER) - 1), st.integers(1, 255))
def test_a_changed_header_is_another_entry_or_none(at: int, flip: int) -> None:
    changed = HEADER[:at] + bytes([HEADER[at] ^ flip]) + HEADER[at + 1 :]

    assert leaf_hash(changed) != leaf_hash(HEADER)
    try:
        assert parse_header(changed).encode() == changed
    except RemoteProtocolError:
        return


@given(st.integers(1, 300), st.data())
def test_proofs_hold_for_their_leaf_and_size_only(size: int, data: st.DataObject) -> None:
    leaves = [leaf_hash(n.to_bytes(2)) for n in range(size)]
    root = tree_root(leaves)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    path = inclusion_path(leaves, index)

    verify_inclusion(leaves[index], index, size, path, root)
    verify_consistency(old, size, tree_root(leaves[:old]), root, consistency_path(leaves, old))
    other = data.draw(st.integers(0, size - 1))
    if other != index:
        try:
            verify_inclusion(leaves[index], other, size, path, root)
        except InconsistentError:
            return
        raise AssertionError("a proof held for another place")


@given(st.lists(st.integers(0, 60), max_size=8))
def test_a_range_does_not_depend_on_batches(batches: list[int]) -> None:
    leaves = [leaf_hash(n.to_bytes(2)) for n in range(sum(batches))]
    tree, at = CompactRange(), 0
    for count in batches:
        tree = tree.extend(leaves[at : at + count])
        at += count

    assert tree.root == tree_root(leaves)


@settings(max_examples=60)
@given(st.binary(max_size=5000), st.integers(0, 2**32))
def test_content_comes_back_and_any_flip_is_seen(content: bytes, seed: int) -> None:
    draw = random.Random(seed)
    key = EntryKey(draw.randbytes(32), S1)
    sealed = seal_content(key, content, draw.randbytes)
    at = draw.randrange(len(sealed.ciphertext))
    flipped = bytearray(sealed.ciphertext)
    flipped[at] ^= 1 << draw.randrange(8)

    assert open_content(key, sealed.ciphertext, sealed.commit) == content
    try:
        open_content(key, bytes(flipped), sealed.commit)
    except RemoteProtocolError:
        return
    raise AssertionError("a flipped byte was not seen")
