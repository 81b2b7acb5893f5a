"""Attachments as streams: the same bytes as at once, whatever the pieces; nothing altered passes."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from passerelle.exchange.blob import CHUNK
from passerelle.exchange.errors import FrameError, RemoteProtocolError
from passerelle.exchange.seal import PREFIX, RECORD, TAG, commitment, encrypt
from passerelle.exchange.stream import (
    Commitment,
    chunks,
    ciphertext_size,
    decrypt_stream,
    encrypt_stream,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

DRAW = random.Random(4)
KEY, SALT = DRAW.randbytes(32), DRAW.randbytes(24)
LENGTHS = (0, 1, RECORD - 1, RECORD, RECORD + 1, 5 * RECORD, 5 * RECORD + 17)


def cut(data: bytes, draw: random.Random) -> Iterator[bytes]:
    """Cut data to pieces of odd lengths."""
    at = 0
    while at < len(data):
        length = draw.choice((1, 15, 16, 4096, 40_000))
        yield data[at : at + length]
        at += length


@pytest.mark.parametrize("length", LENGTHS)
def test_a_stream_gives_the_bytes_of_the_whole(length: int) -> None:
    plain = DRAW.randbytes(length)

    sealed = b"".join(encrypt_stream(KEY, SALT, cut(plain, random.Random(length))))

    assert sealed == encrypt(KEY, SALT, plain)
    assert len(sealed) == ciphertext_size(length)
    assert b"".join(decrypt_stream(KEY, cut(sealed, random.Random(1)))) == plain


@pytest.mark.parametrize("length", LENGTHS)
def test_a_ciphertext_cut_short_extended_or_moved_is_refused(length: int) -> None:
    sealed = encrypt(KEY, SALT, DRAW.randbytes(length))
    record = RECORD + TAG
    wrong = [sealed[:-1], sealed + b"x", sealed[:-TAG], sealed[:PREFIX], b"", sealed[1:]]
    if length > 2 * RECORD:
        head, rest = sealed[:PREFIX], sealed[PREFIX:]
        wrong.append(head + rest[record : 2 * record] + rest[:record] + rest[2 * record :])
        wrong.append(sealed[: PREFIX + 2 * record])

    for data in wrong:
        with pytest.raises(FrameError):
            list(decrypt_stream(KEY, [data]))
    with pytest.raises(FrameError):
        list(decrypt_stream(bytes(32), [sealed]))


def test_every_flipped_byte_is_seen() -> None:
    sealed = encrypt(KEY, SALT, DRAW.randbytes(900))

    for at in range(len(sealed)):
        flipped = bytearray(sealed)
        flipped[at] ^= 1
        with pytest.raises(RemoteProtocolError):
            list(decrypt_stream(KEY, [bytes(flipped)]))


def test_a_commitment_watches_what_passes() -> None:
    plain = DRAW.randbytes(70_000)
    commit = Commitment(SALT)

    assert b"".join(commit.watch(cut(plain, random.Random(2)))) == plain
    assert commit.value == commitment(SALT, plain)


def test_chunks_are_whole_but_the_last() -> None:
    assert [len(one) for one in chunks([bytes(CHUNK - 1), bytes(CHUNK + 5)])] == [CHUNK, CHUNK, 4]
