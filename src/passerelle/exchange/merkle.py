"""The tree of a log: roots, compact range, proofs of inclusion and of consistency.

RFC 6962 with SHA-256. Leaf data are the header bytes as sent. A compact range holds one hash for
each perfect subtree from the left (64 at most), so that a receiver adds a batch in one pass and
needs no earlier leaf.

References
----------
.. [1] RFC 6962, "Certificate Transparency", section 2.1.
.. [2] RFC 9162, section 2.1.3.2 (inclusion) and 2.1.4.2 (consistency), the verifying algorithms.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from passerelle.exchange.errors import InconsistentError, LocalProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "EMPTY_ROOT",
    "HASH_SIZE",
    "MAX_SIZE",
    "CompactRange",
    "consistency_path",
    "inclusion_path",
    "leaf_hash",
    "node_hash",
    "tree_root",
    "verify_consistency",
    "verify_inclusion",
]

HASH_SIZE: Final = 32
MAX_SIZE: Final = 2**53 - 1
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Hash one leaf: SHA-256 of 0x00 and the data."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees: SHA-256 of 0x01, left and right."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class CompactRange:
    """Hold what is needed to extend a tree and to know its root.

    Parameters
    ----------
    size
        Number of leaves.
    hashes
        Roots of the perfect subtrees, largest first; as many as ``size`` has bits set.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.size <= MAX_SIZE or len(self.hashes) != self.size.bit_count():
            raise ValueError(
                f"Expected {self.size.bit_count()} hashes for size {self.size}, "
                f"got {len(self.hashes)}."
            )
        if any(len(item) != HASH_SIZE for item in self.hashes):
            raise ValueError("Expected hashes of 32 bytes.")

    def extend(self, leaves: Iterable[bytes]) -> CompactRange:
        """Return the range with the leaf hashes added at the end."""
        size, hashes = self.size, list(self.hashes)
        for leaf in leaves:
            carried, level = leaf, size
            while level & 1:
                carried = node_hash(hashes.pop(), carried)
                level >>= 1
            hashes.append(carried)
            size += 1
        return CompactRange(size, tuple(hashes))

    @property
    def root(self) -> bytes:
        """Root of the tree; that of nothing is the hash of nothing."""
        if not self.hashes:
            return EMPTY_ROOT
        found = self.hashes[-1]
        for item in reversed(self.hashes[:-1]):
            found = node_hash(item, found)
        return found

    def to_bytes(self) -> bytes:
        """Write the hashes one behind the other; the size is stored beside."""
        return b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> CompactRange:
        """Read what :meth:`to_bytes` wrote."""
        return cls(size, tuple(data[i : i + HASH_SIZE] for i in range(0, len(data), HASH_SIZE)))


def tree_root(leaves: Iterable[bytes]) -> bytes:
    """Return the root over leaf hashes."""
    return CompactRange().extend(leaves).root


def inclusion_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """List the hashes that lead from leaf ``index`` to the root, bottom up.

    Raises
    ------
    LocalProtocolError
        When there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise LocalProtocolError(
            "Expected a leaf below {size}, got {index}.",
            code="exchange.tree-index",
            size=len(leaves),
            index=index,
        )
    if len(leaves) == 1:
        return []
    half = _split(len(leaves))
    if index < half:
        return [*inclusion_path(leaves[:half], index), tree_root(leaves[half:])]
    return [*inclusion_path(leaves[half:], index - half), tree_root(leaves[:half])]


def verify_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> None:
    """Check that the leaf hash stands at ``index`` of the tree of ``size`` with ``root``.

    Raises
    ------
    InconsistentError
        When it does not, or the path has another length than it must.
    """
    if not 0 <= index < size <= MAX_SIZE:
        raise _broken("inclusion")
    node, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0 or len(sibling) != HASH_SIZE:
            raise _broken("inclusion")
        if node & 1 or node == last:
            found = node_hash(sibling, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        node, last = node >> 1, last >> 1
    if last != 0 or found != root:
        raise _broken("inclusion")


def consistency_path(leaves: Sequence[bytes], old: int) -> list[bytes]:
    """List the hashes that show the tree of the first ``old`` leaves inside that of all.

    Raises
    ------
    LocalProtocolError
        When ``old`` is not between 0 and the number of leaves.
    """
    if not 0 <= old <= len(leaves):
        raise LocalProtocolError(
            "Expected an older size up to {size}, got {old}.",
            code="exchange.tree-size",
            size=len(leaves),
            old=old,
        )
    return [] if old in {0, len(leaves)} else _subproof(leaves, old, whole=True)


def _subproof(leaves: Sequence[bytes], old: int, *, whole: bool) -> list[bytes]:
    if old == len(leaves):
        return [] if whole else [tree_root(leaves)]
    half = _split(len(leaves))
    if old <= half:
        return [*_subproof(leaves[:half], old, whole=whole), tree_root(leaves[half:])]
    return [*_subproof(leaves[half:], old - half, whole=False), tree_root(leaves[:half])]


def verify_consistency(
    old: int, size: int, old_root: bytes, root: bytes, path: Sequence[bytes]
) -> None:
    """Check that the tree of ``size`` begins with the tree of ``old`` leaves.

    Raises
    ------
    InconsistentError
        When it does not.
    """
    if not 0 <= old <= size <= MAX_SIZE:
        raise _broken("consistency")
    if old in {0, size}:
        same = old_root == (EMPTY_ROOT if old == 0 else root)
        if path or not same:
            raise _broken("consistency")
        return
    hashes = list(path)
    if old & (old - 1) == 0:
        hashes.insert(0, old_root)
    if not hashes:
        raise _broken("consistency")
    node, last = old - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    found_old = found_new = hashes[0]
    for item in hashes[1:]:
        if last == 0 or len(item) != HASH_SIZE:
            raise _broken("consistency")
        if node & 1 or node == last:
            found_old, found_new = node_hash(item, found_old), node_hash(item, found_new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found_new = node_hash(found_new, item)
        node, last = node >> 1, last >> 1
    if last != 0 or found_old != old_root or found_new != root:
        raise _broken("consistency")


def _split(size: int) -> int:
    """Return the largest power of two below ``size``."""
    return 1 << ((size - 1).bit_length() - 1)


def _broken(what: str) -> InconsistentError:
    return InconsistentError(
        "Expected a proof of {what} that leads to the root.",
        code=f"exchange.{what}-broken",
        what=what,
    )
