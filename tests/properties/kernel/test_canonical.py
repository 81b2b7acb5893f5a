"""Whatever is written goes through the quick encoder or the reference one, and nobody can tell which."""

from __future__ import annotations

import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from passerelle.kernel.canonical import Json, canonical_bytes

_TEXTS = st.text(max_size=12)
_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**54), 2**54)
    | st.floats(allow_nan=True, allow_infinity=True)
    | _TEXTS
    | st.text(st.characters(min_codepoint=0xD700, max_codepoint=0x10FFFF), max_size=4)
)
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(_VALUES)
@example({"\U00010000": 1, "\ue000": 2})
@example({"\ud800": 1})
@example(['\x7f\x00\n"\\/', "é", 2**53 - 1, -0.0, 1e21, True, ("a", None)])
@example({1: "a name that is no text"})
def test_canonical_bytes_are_those_of_the_reference(value: Json) -> None:
    try:
        expected: bytes | type = rfc8785.dumps(value)
    except ValueError as problem:
        expected = type(problem)
    try:
        found: bytes | type = canonical_bytes(value)
    except ValueError as problem:
        found = type(problem)

    assert found == expected
