"""Any record that the procedure admits survives EDXL-RM whole, with our extension."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.standards.rm.test_acts import header

from passerelle.kernel.capabilities import catalogue
from passerelle.kernel.times import format_instant
from passerelle.procedures.loading import records
from passerelle.procedures.schema import Schema, closed_object
from passerelle.standards.rm import read_message, write_message
from passerelle.standards.rm.acts import message_of_act
from passerelle.standards.rm.drafts import draft_of_message
from passerelle.standards.rm.fields import line_of_record, losses, record_of_line

QUICK = settings(
    max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
CODE = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,12}", fullmatch=True)
WORDS = st.text(st.characters(categories=("L", "N", "P", "Zs")), min_size=1, max_size=20)
MOMENTS = st.integers(1_700_000_000, 1_800_000_000)
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "code": CODE,
    "ref": CODE,
    "line": WORDS,
    "text": WORDS,
    "name": st.text("abc", min_size=1),
    "count": st.integers(0, 1_000_000),
    "quantity": st.integers(1, 1_000_000),
    "amount": st.integers(0, 2**53 - 1),
    "flag": st.booleans(),
    "instant": MOMENTS.map(lambda second: format_instant(datetime.fromtimestamp(second, UTC))),
    "capability": st.sampled_from(list(catalogue())),
    "language": st.sampled_from(["fr", "en", "ar", "ber-MA"]),
}


def values(notation: str) -> st.SearchStrategy[Any]:
    if notation.endswith("[]"):
        return st.lists(values(notation.removesuffix("[]")), min_size=1, max_size=3, unique_by=repr)
    if notation.startswith("code:"):
        return st.sampled_from(notation.removeprefix("code:").split("|"))
    return SCALARS[notation] if notation in SCALARS else rows(notation)


@st.composite
def rows(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    row = {
        name.removesuffix("?"): draw(values(notation))
        for name, notation in records()[kind].items()
        if not name.endswith("?") or draw(st.booleans())
    }
    if "from" in row and "to" in row:
        row["from"], row["to"] = "2024-07-20T06:00:00Z", "2024-08-11T22:00:00Z"
    return row


@pytest.mark.parametrize(
    ("act", "field", "kind"),
    [
        ("request", "lines", "request-line"),
        ("offer", "offers", "offer"),
        ("commit", "items", "commitment-line"),
    ],
)
@QUICK
@given(data=st.data())
def test_a_record_comes_back_whole(act: str, field: str, kind: str, data: st.DataObject) -> None:
    row = data.draw(rows(kind))
    row.setdefault("line", "L1")
    if kind == "commitment-line":
        del row["line"]
    payload = {field: [row]}
    assert Schema(closed_object(records()[kind], records())).check(row) is None
    if act == "offer" and row["answer"] == "unsolicited":
        row["answer"] = "full"

    message = message_of_act(act, payload, header(act))
    draft = draft_of_message(read_message(write_message(message)).message)

    assert draft is not None
    assert draft.payload == payload


@pytest.mark.parametrize("kind", ["request-line", "offer", "commitment-line"])
@QUICK
@given(data=st.data())
def test_what_is_not_listed_as_lost_is_carried_exactly(kind: str, data: st.DataObject) -> None:
    row = data.draw(rows(kind))

    carried = record_of_line(kind, line_of_record(kind, row))

    lost = set(losses(kind, row))
    assert {name: carried.get(name) for name in row if name not in lost} == {
        name: value for name, value in row.items() if name not in lost
    }
    assert lost < set(row)
