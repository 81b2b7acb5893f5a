"""Strategies that build every EDXL-RM message the standard allows, from the table of shapes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from passerelle.standards.rm import values
from passerelle.standards.rm.shapes import SHAPES, Content, Part
from passerelle.standards.rm.tables import (
    FIRST_OF_THREAD,
    NS_MESSAGE,
    NS_TYPES,
    MessageType,
    ScheduleType,
    multiplicity,
    schedule_types,
)
from passerelle.standards.xml.fragment import Fragment

TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn"), include_characters="\t\n\r"), max_size=12
)
WORD = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=12)
INSTANT = st.integers(0, 4_102_444_800).map(lambda second: datetime.fromtimestamp(second, UTC))
FRAGMENTS = {
    "TypeInfo": f'<rmsg:TypeInfo xmlns:rmsg="{NS_MESSAGE}"><x:a xmlns:x="urn:x" b="1">t<x:c/></x:a></rmsg:TypeInfo>',
    "Address": f'<rm:Address xmlns:rm="{NS_TYPES}" xmlns:xal="urn:oasis:names:tc:ciq:xal:3"><xal:FreeTextAddress><xal:AddressLine>12 rue A</xal:AddressLine></xal:FreeTextAddress></rm:Address>',
    "TargetArea": f'<rm:TargetArea xmlns:rm="{NS_TYPES}"><gml:Point xmlns:gml="http://www.opengis.net/gml"><gml:pos>45.46 4.39</gml:pos></gml:Point></rm:TargetArea>',
    "AdditionalContactInformation": f'<rm:AdditionalContactInformation xmlns:rm="{NS_TYPES}" xmlns:xpil="urn:oasis:names:tc:ciq:xpil:3"><xpil:FreeTextLines><xpil:FreeTextLine>x</xpil:FreeTextLine></xpil:FreeTextLines></rm:AdditionalContactInformation>',
}
# The first field of each identifies it, so that rule 4 holds.
IDENTIFIED = {
    values.Incident: "id",
    values.Funding: "code",
    values.Contact: "description",
    values.Resource: "name",
    values.Ownership: "owner",
    values.Location: "description",
}
NEEDS_QUANTITY = {MessageType.REQUISITION_RESOURCE, MessageType.RELEASE_RESOURCE}


@st.composite
def measured(draw: st.DrawFn) -> values.Measured:
    if draw(st.booleans()):
        return values.Measured(
            float(draw(st.integers(0, 10**6))),
            values.ValueList("urn:passerelle:unit:1", ("people",)),
        )
    return values.Measured(draw(st.floats(0, 1e9)))


@st.composite
def build(draw: st.DrawFn, of: type, kind: MessageType, path: str = "") -> Any:
    if of is values.Quantity:
        if draw(st.booleans()):
            return values.Quantity(texts=tuple(draw(st.lists(TEXT, min_size=1, max_size=2))))
        return values.Quantity(measured=draw(measured()))
    fields = {}
    for part in SHAPES[of]:
        here = f"{path}/{part.tag}" if path else part.tag
        sign = part.sign or multiplicity(kind, here)
        if IDENTIFIED.get(of) == part.field:
            sign = "1"
        content = _content(part, kind, here) if IDENTIFIED.get(of) != part.field else WORD
        if sign == ".":
            continue
        if sign in "*+":
            fields[part.field] = tuple(draw(st.lists(content, min_size=sign == "+", max_size=2)))
        elif sign == "1":
            fields[part.field] = draw(content)
        else:
            fields[part.field] = None if draw(st.booleans()) else draw(content)
    if of is values.Response and fields["answer"] is values.Answer.PROVISIONAL:
        fields["reason"] = draw(WORD)
    return of(**fields)


def _content(part: Part, kind: MessageType, path: str) -> st.SearchStrategy[Any]:
    if part.content is Content.VALUE:
        assert part.of is not None
        return build(part.of, kind, path)
    if part.content is Content.CHOICE:
        return st.sampled_from(_choices(part.of, kind))
    return {
        Content.FRAGMENT: st.builds(lambda: Fragment(FRAGMENTS[part.tag].encode())),
        Content.INSTANT: INSTANT,
        Content.URI: WORD.map(lambda word: f"urn:x:{word.encode().hex()}"),
        Content.TEXT: TEXT,
    }[part.content]


def _choices(of: Any, kind: MessageType) -> list[Any]:
    if of is MessageType:
        return [kind]
    return sorted(schedule_types(kind)) if of is ScheduleType else list(of)


@st.composite
def messages(draw: st.DrawFn, kind: MessageType) -> values.Message:
    """Build a message that breaks no rule."""
    message = draw(build(values.Message, kind))
    lines = tuple(
        _with_quantity(_with_id(line, str(number)), kind)
        for number, line in enumerate(message.lines, start=1)
    )
    first = kind in FIRST_OF_THREAD
    own = "m-1"
    changed = {"id": own, "originating_id": own if first else "m-0", "lines": lines}
    if message.preceding_id is not None:
        changed["preceding_id"] = "m-0"
    return replace(message, **changed)


def _with_id(line: values.Line, line_id: str) -> values.Line:
    return replace(line, id=line_id)


def _with_quantity(line: values.Line, kind: MessageType) -> values.Line:
    answered = line.response is not None and line.response.answer is not values.Answer.DECLINE
    binding = kind in NEEDS_QUANTITY or (
        answered and kind in {MessageType.RESPONSE_TO_REQUEST_RESOURCE, MessageType.COMMIT_RESOURCE}
    )
    if not binding:
        return line
    assignment = line.assignment or values.Assignment()
    if assignment.quantity is None:
        assignment = replace(assignment, quantity=values.Quantity(measured=values.Measured(1.0)))
    return replace(line, assignment=assignment)
