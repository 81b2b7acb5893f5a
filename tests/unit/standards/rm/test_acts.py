from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from passerelle.standards.problems import FormatError, LossError
from passerelle.standards.rm import MessageType, read_message, write_message
from passerelle.standards.rm.acts import MESSAGES, Header, message_of_act
from passerelle.standards.rm.drafts import draft_of_message
from passerelle.standards.rm.extension import Extension, Proof, write_extension
from passerelle.standards.rm.fields import losses
from passerelle.standards.rm.thread import Thread
from passerelle.standards.rm.values import ContactRole
from passerelle.standards.xml import SchemaFolder

LINE: dict[str, Any] = {
    "line": "L1",
    "capability": "eod",
    "level": 1,
    "posts": 2,
    "present": 4,
    "people": 10,
    "places": ["STE", "LYO"],
    "from": "2024-07-20T06:00:00Z",
    "to": "2024-08-11T22:00:00Z",
    "task": "double the capacity at the sites",
    "command": "host",
    "priority": "P1",
    "languages": ["fr", "ar"],
    "qualifications": ["eod-3", "robot"],
    "doubles_host": True,
}
OFFER: dict[str, Any] = {
    "offer": "O1",
    "line": "L1",
    "answer": "partial",
    "unit": "pair",
    "capability": "eod",
    "posts": 2,
    "present": 4,
    "people": 8,
    "places": ["STE"],
    "from": "2024-07-20T06:00:00Z",
    "to": "2024-08-11T22:00:00Z",
    "certificates": ["eod-3"],
    "cost_eur": 12000,
    "command": "host",
    "valid_until": "2024-05-15T10:00:00Z",
    "approving_authority": "Directorate",
}
ITEM: dict[str, Any] = {
    "item": "C1",
    "offer": "O1",
    "capability": "eod",
    "posts": 2,
    "present": 4,
    "people": 8,
    "places": ["STE"],
    "from": "2024-07-20T06:00:00Z",
    "to": "2024-08-11T22:00:00Z",
}
KNOWN = {"O1": OFFER, "C1": ITEM}
REQUEST = {
    "reference": "FR-17",
    "event": "paris-2024",
    "legal_basis": "agreement",
    "answer_by": "2024-04-30T16:00:00Z",
    "lines": [LINE],
}
PAYLOADS: dict[str, dict[str, Any]] = {
    "request": REQUEST,
    "amend": {"reason": "one site more", "lines": [LINE]},
    "offer": {"offers": [OFFER], "remarks": "two more from the 26th"},
    "decline": {"declined_lines": ["L1"], "reason_code": "own-need", "reason": "match at home"},
    "withdraw-offer": {"offer": "O1", "reason": "recalled"},
    "accept": {"accepted_offers": ["O1"]},
    "commit": {"commitment": "K1", "level": "technical", "items": [ITEM]},
    "release": {"item": "C1", "people": 3, "from": "2024-08-01T06:00:00Z", "reason": "quiet"},
    "recall": {"item": "C1", "people": 3, "from": "2024-08-01T06:00:00Z", "reason": "need"},
    "extend": {"item": "C1", "to": "2024-08-20T06:00:00Z", "reason": "final"},
    "query": {"questions": ["Which hotel?", "Which radios?"]},
    "clarify": {"text": "Both are in annex 2."},
}


def header(act: str) -> Header:
    return Header(
        message_id="e1" if act == "request" else "e2",
        originating_id="e1",
        preceding_id=None if act == "request" else "e1",
        sent=datetime(2024, 1, 22, 9, tzinfo=UTC),
        event="paris-2024",
        event_name="Paris 2024",
        contact="Cooperation directorate",
        role=ContactRole.SENDER,
        funding="as agreed",
        recalled_id="e1",
        proof=Proof("e" * 64, 42, "0" * 64),
    )


@pytest.mark.shared
@pytest.mark.parametrize("act", list(PAYLOADS))
def test_an_act_becomes_a_valid_message_and_comes_back_whole(act: str, shared: Path) -> None:
    schemas = SchemaFolder(shared / "standards")
    message = message_of_act(act, PAYLOADS[act], header(act), known=KNOWN)

    received = read_message(write_message(message, schemas=schemas), schemas=schemas)
    draft = draft_of_message(received.message)

    assert draft is not None
    assert (draft.act, draft.payload) == (act, PAYLOADS[act])


def test_an_unsolicited_offer_opens_its_own_thread() -> None:
    payload = {"offers": [{**OFFER, "answer": "unsolicited"}]}
    own = replace(header("offer"), message_id="e9", originating_id="e9", preceding_id=None)

    message = message_of_act("offer", payload, own)

    assert message.type is MessageType.OFFER_UNSOLICITED_RESOURCE
    assert Thread().breaches(message) == ()
    write_message(message)


def test_nothing_is_lost_in_silence_without_the_extension() -> None:
    with pytest.raises(LossError) as caught:
        message_of_act("request", REQUEST, header("request"), extended=False)

    assert str(caught.value.params["fields"]).split(", ") == [
        "lines[1].command",
        "lines[1].doubles_host",
        "lines[1].posts",
        "lines[1].present",
        "lines[1].priority",
        "reference",
        "event",
        "legal_basis",
        "answer_by",
    ]


def test_without_the_extension_the_draft_names_what_is_missing() -> None:
    message = message_of_act("request", REQUEST, header("request"), extended=False, lossy=True)

    draft = draft_of_message(
        message, required={"request": ["reference", "lines"], "request-line": ["people", "posts"]}
    )

    assert draft is not None
    assert draft.missing == ("reference", "lines[1].posts")
    assert not draft.is_whole
    assert draft.payload["lines"] == [
        {
            name: LINE[name]
            for name in (
                "line",
                "capability",
                "level",
                "languages",
                "qualifications",
                "people",
                "task",
                "from",
                "places",
                "to",
            )
        }
    ]


def test_an_extension_that_says_another_thing_is_refused() -> None:
    message = message_of_act("request", REQUEST, header("request"))
    (line,) = message.lines
    assert line.resource is not None
    forged = write_extension(Extension({**LINE, "people": 99}, {}))
    changed = replace(line, resource=replace(line.resource, type_info=forged))

    with pytest.raises(FormatError, match="says what the message says"):
        draft_of_message(replace(message, lines=(changed,)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'version="1"', b'version="2"'),
        (b"<px:record>", b"<px:record>{}</px:record><px:record>"),
        (b"<px:record>{", b"<px:record> {"),
        (b'"people":10', b'"people":10.0'),
        (b'size="42"', b'size="-1"'),
        (b"<px:proof", b"<px:other/><px:proof"),
    ],
)
def test_the_extension_is_read_strictly(old: bytes, new: bytes) -> None:
    content = write_message(message_of_act("request", REQUEST, header("request")))
    assert old in content

    received = read_message(content.replace(old, new, 1))

    with pytest.raises(FormatError) as caught:
        draft_of_message(received.message)
    assert {issue.code for issue in caught.value.issues} == {"rm.extension"}


def test_every_message_has_a_use_or_a_reason_for_none() -> None:
    assert set(MESSAGES) == set(MessageType)
    assert all(use.acts or use.remark for use in MESSAGES.values())


def test_losses_are_listed_per_field() -> None:
    assert losses("commitment-line", ITEM) == ("posts", "present")
    assert losses("offer", OFFER) == (
        "answer",
        "approving_authority",
        "command",
        "line",
        "posts",
        "present",
        "unit",
        "valid_until",
    )
