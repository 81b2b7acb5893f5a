"""Every limit of values and readers, on both of its sides."""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tests.simulators.exchange_keys import ORIGIN, START, node, packed_log, sealed_entry

from passerelle.exchange._fields import Fields
from passerelle.exchange.blob import CHUNK, Upload, blob_leaves
from passerelle.exchange.body import Attachment, Body, Enc
from passerelle.exchange.card import Office, Window, parse_card
from passerelle.exchange.errors import (
    FrameError,
    InconsistentError,
    LimitError,
    LocalProtocolError,
    RemoteProtocolError,
)
from passerelle.exchange.frame import Bundle, FrameLimits, PushFrame, parse_receipt
from passerelle.exchange.handling import Due, Handling
from passerelle.exchange.header import Header, Kind, Status, parse_header, signed_payload
from passerelle.exchange.jcs import MAX_INTEGER, Limits, read, write
from passerelle.exchange.merkle import leaf_hash, tree_root
from passerelle.exchange.names import Origin
from passerelle.exchange.note import (
    MAX_LINES,
    MAX_NOTE,
    MAX_SIZE,
    Checkpoint,
    Note,
    SignatureLine,
    Statement,
    parse_lines,
)
from passerelle.exchange.peer import (
    PeerEvent,
    PeerState,
    may_push,
    may_release,
    push_answer,
    step,
)
from passerelle.exchange.seal import INLINE_LIMIT, pad, unpad
from passerelle.exchange.signoff import add_signoff
from passerelle.exchange.standalone.passerelle_verify import words as other_words
from passerelle.exchange.trust import Freshness, TrustState, fingerprint_words

if TYPE_CHECKING:
    from collections.abc import Callable

HASH = "0" * 64
HEADER = Header(
    origin=ORIGIN,
    index=0,
    from_office="a",
    to_office="b",
    kind=Kind.REPORT,
    status=Status.TEST,
    case="0" * 32,
    issued=START,
    seen=0,
    handling=Handling(),
)
BODY = Body("application/json", 1, HASH)


def refused(make: Callable[[], object]) -> str:
    """Return the code with which something is refused."""
    with pytest.raises(RemoteProtocolError) as found:
        make()
    return found.value.code


GOOD: list[Callable[[], object]] = [
    lambda: Due(1, "hours", "sent"),
    lambda: Due(100_000, "calendar", "receipt"),
    lambda: Due(3, "working", "confirmed_receipt", "fr"),
    lambda: Handling("red", ("n",) * 64, "free", "p" * 64, "2024-01-01", ("s", "v" * 64, "e")),
    lambda: Handling(retain_until="2024-01-01T00:00:00Z"),
    lambda: Enc("o", "0" * 16, "A" * 4096),
    lambda: Body("a/b", 0, HASH),
    lambda: Body("a/b", 1_048_576, HASH, HASH, (Enc("o", "0" * 16, "A"),) * 16),
    lambda: Attachment(0, HASH, HASH, "on-demand"),
    lambda: replace(HEADER, re=tuple(f"{n:064x}" for n in range(32))),
    lambda: replace(HEADER, att=(Attachment(1, HASH, HASH),) * 32, officer=(("a", "b", "c"),) * 32),
    lambda: replace(HEADER, ext=(("x", "y" * 8190),), crit=("x",)),
    lambda: replace(HEADER, ext=tuple((f"x{n}", 1) for n in range(32)), crit=("x0",) * 32),
    lambda: Checkpoint("o", 0, bytes(32)),
    lambda: Checkpoint("o", 2**53 - 1, bytes(32)),
    lambda: Office("o", (), (), 1),
]


@pytest.mark.parametrize("make", GOOD)
def test_a_value_at_its_limit_is_taken(make: Callable[[], object]) -> None:
    make()


BAD: list[Callable[[], object]] = [
    lambda: Due(0, "hours", "sent"),
    lambda: Due(100_001, "hours", "sent"),
    lambda: Due(1, "weeks", "sent"),
    lambda: Due(1, "hours", "read"),
    lambda: Due(1, "hours", "sent", "-"),
    lambda: Handling("blue"),
    lambda: Handling(onward="some"),
    lambda: Handling(releasable_to=("n",) * 65),
    lambda: Handling(releasable_to=("N",)),
    lambda: Handling(purpose="p" * 65),
    lambda: Handling(retain_until="soon"),
    lambda: Handling(mark=("s", "", "e")),
    lambda: Handling(mark=("s", "v" * 65, "e")),
    lambda: Enc("O", "0" * 16, "A"),
    lambda: Enc("o", "0" * 15, "A"),
    lambda: Enc("o", "0" * 16, ""),
    lambda: Enc("o", "0" * 16, "A" * 4097),
    lambda: Enc("o", "0" * 16, "A="),
    lambda: Body("ab", 1, HASH),
    lambda: Body("a/b", -1, HASH),
    lambda: Body("a/b", 1_048_577, HASH),
    lambda: Body("a/b", 1, "0"),
    lambda: Body("a/b", 1, HASH, HASH),
    lambda: Body("a/b", 1, HASH, "", (Enc("o", "0" * 16, "A"),)),
    lambda: Body("a/b", 1, HASH, "0", (Enc("o", "0" * 16, "A"),)),
    lambda: Body("a/b", 1, HASH, HASH, (Enc("o", "0" * 16, "A"),) * 17),
    lambda: Attachment(-1, HASH, HASH),
    lambda: Attachment(1, "0", HASH),
    lambda: Attachment(1, HASH, "0"),
    lambda: Attachment(1, HASH, HASH, "later"),
    lambda: replace(HEADER, index=-1),
    lambda: replace(HEADER, seen=-1),
    lambda: replace(HEADER, from_office="A"),
    lambda: replace(HEADER, to_office=""),
    lambda: replace(HEADER, case="0"),
    lambda: replace(HEADER, re=tuple(f"{n:064x}" for n in range(33))),
    lambda: replace(HEADER, re=(HASH, HASH)),
    lambda: replace(HEADER, supersedes=("0",)),
    lambda: replace(HEADER, att=(Attachment(1, HASH, HASH),) * 33),
    lambda: replace(HEADER, officer=(("a", "b", "c"),) * 33),
    lambda: replace(HEADER, crit=("x",)),
    lambda: replace(HEADER, ext=(("x", 1),), crit=("x",) * 33),
    lambda: replace(HEADER, ext=(("x", 1), ("x", 2))),
    lambda: replace(HEADER, ext=(("-", 1),)),
    lambda: replace(HEADER, ext=(("x", "y" * 8191),)),
    lambda: Checkpoint("o", -1, bytes(32)),
    lambda: Checkpoint("o", 2**53, bytes(32)),
    lambda: Checkpoint("o", 1, bytes(31)),
    lambda: Checkpoint("o\np", 1, bytes(32)),
    lambda: Office("O", ()),
    lambda: Office("o", (), (), 0),
    lambda: Office("o", (node("a.example").card.offices[0].hpke[0],) * 33),
    lambda: replace(node("a.example").card, node="A"),
    lambda: replace(node("a.example").card, suites=()),
    lambda: replace(node("a.example").card, suites=("S3",)),
    lambda: replace(node("a.example").card, offices=node("a.example").card.offices * 2),
]


@pytest.mark.parametrize("make", BAD)
def test_a_value_beyond_its_limit_is_refused(make: Callable[[], object]) -> None:
    assert refused(make)


# ---------------------------------------------------------------- JSON and fields


def test_json_takes_what_its_limits_allow_and_no_more() -> None:
    deep, keys = b"[" * 3 + b"]" * 3, b'{"a":1,"b":2}'

    assert read(deep, Limits(depth=3)) == [[[]]]
    assert read(keys, Limits(keys=2)) == {"a": 1, "b": 2}
    assert read(keys, Limits(length=13)) == {"a": 1, "b": 2}
    assert refused(lambda: read(deep, Limits(depth=2))) == "exchange.json-depth"
    assert refused(lambda: read(keys, Limits(keys=1))) == "exchange.json-keys"
    assert refused(lambda: read(keys, Limits(length=12))) == "exchange.json-length"
    wide = b"[[],[],[]]"
    assert read(wide, Limits(depth=2)) == [[], [], []]


@pytest.mark.parametrize("number", [MAX_INTEGER, -MAX_INTEGER, 0])
def test_an_integer_that_every_reader_holds_is_taken(number: int) -> None:
    assert read(write(number)) == number


@pytest.mark.parametrize("number", [MAX_INTEGER + 1, -MAX_INTEGER - 1, 10**30])
def test_an_integer_beyond_is_neither_written_nor_read(number: int) -> None:
    assert refused(lambda: read(b"%d" % number))
    with pytest.raises(Exception, match="integers"):
        write(number)


@pytest.mark.parametrize("value", [{1: 2}, {"a": {2.0}}, b"x", 1.5, [object()]])
def test_what_is_no_json_is_not_written(value: Any) -> None:
    with pytest.raises(Exception, match="Expected"):
        write(value)


def test_fields_are_taken_once_and_typed() -> None:
    found = {"t": "x", "e": "", "i": 3, "b": True, "l": ["x"], "m": {"a": 1}, "o": [{"a": 1}]}

    fields = Fields(found, "place")  # type: ignore[arg-type]
    assert (fields.text("t"), fields.integer("i"), fields.flag("b")) == ("x", 3, True)
    assert (fields.texts("l"), fields.mapping("m")) == (("x",), {"a": 1})
    assert [item.integer("a") for item in fields.objects("o")] == [1]
    assert (fields.text("none", ""), fields.integer("none", 7), fields.flag("none")) == (
        "",
        7,
        False,
    )
    assert (fields.texts("none"), fields.mapping("none"), fields.objects("none")) == ((), {}, [])
    assert refused(fields.finish) == "exchange.field"
    assert fields.rest() == {"e": ""}
    fields.finish()


@pytest.mark.parametrize(
    ("method", "value"),
    [
        ("text", ""),
        ("text", 1),
        ("integer", "1"),
        ("integer", True),
        ("flag", 1),
        ("texts", "x"),
        ("texts", [1]),
        ("mapping", []),
        ("object", []),
        ("objects", {}),
        ("objects", [1]),
        ("objects", [{}, 1]),
    ],
)
def test_a_field_of_another_type_is_refused(method: str, value: Any) -> None:
    assert refused(lambda: getattr(Fields({"x": value}, "place"), method)("x")) == "exchange.field"


@pytest.mark.parametrize("method", ["text", "integer", "object", "take"])
def test_a_field_that_must_be_there_is_missed(method: str) -> None:
    assert refused(lambda: getattr(Fields({}, "place"), method)("x")) == "exchange.field"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("v", 2),
        ("from", "c.example"),
        ("to", "c.example"),
        ("issued", "2024-04-22T09:00:00+00:00"),
        ("issued", "2024-04-22"),
        ("kind", "gossip"),
        ("re", []),
        ("more", 1),
        ("officer", [{"office": "a", "key": "b", "sig": "c", "more": 1}]),
        ("due", {"value": 1, "unit": "hours", "more": 1}),
        ("body", {"type": "a/b", "size": 1, "ct": HASH, "more": 1}),
        ("att", [{"size": 1, "root": HASH, "commit": HASH, "policy": "with", "more": 1}]),
        ("handling", {"tlp": "red", "onward": "none", "more": 1}),
        (
            "handling",
            {
                "tlp": "red",
                "onward": "none",
                "mark": {"scheme": "s", "value": "v", "equivalent": "e", "more": 1},
            },
        ),
    ],
)
def test_a_header_with_one_field_changed_is_refused(field: str, value: object) -> None:
    found = json.loads(HEADER.encode()) | {field: value}
    if field == "due":
        found["due_from"] = "sent"

    assert parse_header(HEADER.encode()) == HEADER
    assert refused(lambda: parse_header(write(found)))


# ---------------------------------------------------------------- notes, frames, bundles


def test_a_note_and_its_lines_end_at_their_caps() -> None:
    line = SignatureLine("n", bytes(5)).encode()
    note = Note(b"text\n", ())

    assert len(parse_lines(line * MAX_LINES)) == MAX_LINES
    assert refused(lambda: parse_lines(line * (MAX_LINES + 1))) == "exchange.note-lines"
    assert refused(lambda: parse_lines(b"")) == "exchange.note"
    assert refused(lambda: parse_lines(line[:-1])) == "exchange.note"
    assert refused(lambda: Note.parse(note.encode() + bytes(MAX_NOTE))) == "exchange.note-size"
    assert refused(lambda: Note.parse(b"text\n" + line)) == "exchange.note"
    assert refused(lambda: parse_receipt(line + bytes(MAX_NOTE))) == "exchange.frame-limit"
    assert refused(lambda: SignatureLine.parse(SignatureLine("n", bytes(4)).encode()[:-1]))


LOG = packed_log(ORIGIN, [sealed_entry(ORIGIN, 0, b"{}")[0]])
FRAME = PushFrame(0, ((b"header", b"body"),), Note.parse(LOG.checkpoints[0]))


@pytest.mark.parametrize(
    ("limits", "is_taken"),
    [
        ({"entries": 1}, True),
        ({"entries": 0}, False),
        ({"header": 6}, True),
        ({"header": 5}, False),
        ({"body": 4}, True),
        ({"body": 3}, False),
        ({"frame": len(FRAME.encode())}, True),
        ({"frame": len(FRAME.encode()) - 1}, False),
    ],
)
def test_a_frame_is_taken_up_to_its_limits(limits: dict[str, int], *, is_taken: bool) -> None:
    if is_taken:
        assert PushFrame.parse(FRAME.encode(), FrameLimits(**limits)) == FRAME
    else:
        with pytest.raises(LimitError):
            PushFrame.parse(FRAME.encode(), FrameLimits(**limits))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"old 0\n", b"old 9007199254740992\n"),
        (b"old 0\n", b"old 00\n"),
        (b"entries 1\n", b"entries 2\n"),
        (b"\x00\x00\x00\x06header", b"\x00\x00\x00\x00"),
        (b"passerelle-push/1", b"passerelle-push/2"),
    ],
)
def test_a_frame_with_a_changed_head_is_refused(old: bytes, new: bytes) -> None:
    data = FRAME.encode()

    assert old in data
    assert refused(lambda: PushFrame.parse(data.replace(old, new, 1), FrameLimits()))


def test_a_frame_is_whole_and_nothing_follows() -> None:
    data = FRAME.encode()

    for wrong in (data[:-1], data + b"\n", data[:60]):
        assert refused(lambda wrong=wrong: PushFrame.parse(wrong, FrameLimits()))


def test_a_bundle_is_whole_and_nothing_follows() -> None:
    bundle = Bundle((("a" * 256, b"x"), ("b", b"")))
    data = bundle.encode()
    head = b"passerelle-bundle/1\n"

    assert Bundle.parse(data, len(data)) == bundle
    assert refused(lambda: Bundle.parse(data, len(data) - 1)) == "exchange.frame-limit"
    for wrong in (data[:-1], data + b"x", head, b"x" + data, head + struct.pack(">I", 1)):
        assert refused(lambda wrong=wrong: Bundle.parse(wrong)) == "exchange.bundle"
    many = head + struct.pack(">I", 100_001)
    assert refused(lambda: Bundle.parse(many)) == "exchange.frame-limit"
    assert refused(lambda: Bundle.parse(Bundle((("a" * 257, b""),)).encode())) == "exchange.bundle"
    strange = head + struct.pack(">IHQ", 1, 1, 0) + b"\xff"
    assert refused(lambda: Bundle.parse(strange)) == "exchange.bundle"


# ---------------------------------------------------------------- uploads


def test_an_upload_takes_whole_chunks_in_order_and_nothing_after() -> None:
    parts = (bytes(CHUNK), b"rest")
    leaves = tuple(map(leaf_hash, parts))
    root, size = tree_root(leaves).hex(), CHUNK + 4

    empty = Upload.begin(root, size, b"".join(leaves), size)
    half = empty.take(0, parts[0])
    whole = half.take(CHUNK, parts[1])

    assert b"".join(blob_leaves(b"".join(parts))) == b"".join(leaves)
    assert [one.offset for one in (empty, half, whole)] == [0, CHUNK, size]
    assert [one.complete for one in (empty, half, whole)] == [False, False, True]
    for take in (
        lambda: empty.take(CHUNK, parts[1]),
        lambda: empty.take(0, parts[0][:-1]),
        lambda: half.take(CHUNK, b"rest!"),
        lambda: whole.take(2 * CHUNK, b""),
        lambda: whole.take(CHUNK, parts[1]),
    ):
        with pytest.raises(FrameError):
            take()
    with pytest.raises(InconsistentError):
        half.take(CHUNK, b"tser")
    with pytest.raises(LimitError):
        Upload.begin(root, size, b"".join(leaves), size - 1)
    with pytest.raises(LimitError):
        Upload.begin(root, -1, b"".join(leaves), size)
    with pytest.raises(FrameError):
        Upload.begin(root, CHUNK, b"".join(leaves), size)
    with pytest.raises(InconsistentError):
        Upload.begin(HASH, size, b"".join(leaves), size)


# ---------------------------------------------------------------- cards, peers, freshness


def test_a_window_begins_with_its_first_instant_and_ends_before_its_last() -> None:
    second, day = timedelta(seconds=1), timedelta(days=1)
    ended, revoked = Window(START, START + day), Window(START, None, START + day)

    assert [Window(START).holds(at) for at in (START - second, START)] == [False, True]
    for window in (ended, revoked):
        assert [window.holds(START + day - second), window.holds(START + day)] == [True, False]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("v",), 2),
        (("node",), "A"),
        (("log_keys", 0, "alg"), "rsa"),
        (("log_keys", 0, "key"), "AA"),
        (("log_keys", 0, "key"), "!"),
        (("log_keys", 0, "from"), "soon"),
        (("log_keys", 0, "until"), "later"),
        (("bundle_key",), [{"kem": "none", "parts": ["AA", "AA"], "from": "2024-01-01T00:00:00Z"}]),
        (("offices", 0, "hpke", 0, "parts"), ["AA"]),
        (("offices", 0, "sign"), {}),
        (("offices", 0, "sign"), [1]),
        (("offices", 0, "sign"), [[1]]),
        (("offices", 0, "threshold"), 0),
        (("suites",), []),
    ],
)
def test_a_card_with_one_field_changed_is_refused(path: tuple[Any, ...], value: object) -> None:
    card = node("a.example").card.encode()
    found = json.loads(card)
    place = found
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value

    assert parse_card(card) == node("a.example").card
    assert refused(lambda: parse_card(write(found)))


@pytest.mark.parametrize(
    ("state", "freshness", "kinds"),
    [
        (PeerState.ACTIVE, Freshness.FRESH, {"report", "accept", "notice.key"}),
        (PeerState.ACTIVE, Freshness.STALE, {"report", "notice.key"}),
        (PeerState.DEGRADED, Freshness.FRESH, {"report", "accept", "notice.key"}),
        (PeerState.DEGRADED, Freshness.STALE, {"report", "notice.key"}),
        (PeerState.PINNED, Freshness.FRESH, {"notice.key"}),
        (PeerState.PINNED, Freshness.STALE, {"notice.key"}),
        (PeerState.SUSPENDED, Freshness.FRESH, set()),
        (PeerState.ENDED, Freshness.FRESH, set()),
        (PeerState.ACTIVE, Freshness.EXPIRED, set()),
        (PeerState.PINNED, Freshness.EXPIRED, set()),
    ],
)
def test_what_may_be_released_to_a_peer(
    state: PeerState, freshness: Freshness, kinds: set[str]
) -> None:
    asked = (Kind.REPORT, Kind.ACCEPT, Kind.NOTICE_KEY)

    assert {kind.value for kind in asked if may_release(state, kind, freshness)} == kinds
    officer = may_release(state, Kind.ACCEPT, freshness, officer_override=True)
    open_states = {PeerState.ACTIVE, PeerState.DEGRADED}
    is_open = state in open_states and freshness is not Freshness.EXPIRED
    assert officer == is_open
    assert may_push(state, freshness) == is_open
    closed = state is PeerState.ENDED or freshness is Freshness.EXPIRED
    assert push_answer(state, freshness) == (403 if closed else 200)


def test_an_ended_peer_stays_ended() -> None:
    assert {step(PeerState.ENDED, event) for event in PeerEvent} == {PeerState.ENDED}
    assert step(PeerState.SUSPENDED, PeerEvent.RESUME) is PeerState.DEGRADED
    assert step(PeerState.DEGRADED, PeerEvent.SETTLED) is PeerState.ACTIVE
    assert step(PeerState.ACTIVE, PeerEvent.FORK) is PeerState.SUSPENDED


def test_trust_is_fresh_stale_and_expired_by_its_instants() -> None:
    trust = TrustState((), accepted_at=START, expires=START + timedelta(days=1))
    second = timedelta(seconds=1)

    def at(instant: datetime) -> Freshness:
        return trust.freshness(instant, timedelta(days=30))

    assert at(START + timedelta(days=1) - second) is Freshness.FRESH
    assert at(START + timedelta(days=1)) is Freshness.STALE
    assert at(START + timedelta(days=30)) is Freshness.STALE
    assert at(START + timedelta(days=30) + second) is Freshness.EXPIRED
    never = datetime(2024, 1, 1, tzinfo=UTC)
    assert replace(trust, accepted_at=None).freshness(never) is Freshness.EXPIRED
    assert replace(trust, expires=None).freshness(never) is Freshness.EXPIRED


@pytest.mark.parametrize("text", [b"", b"kind", b"kind\nfield", b"kind\n\xc3\xa9\n"])
def test_a_statement_is_whole_lines_of_ascii(text: bytes) -> None:
    with pytest.raises(FrameError):
        Statement.parse(text)


def test_a_statement_may_have_no_fields() -> None:
    assert Statement.parse(b"kind\n") == Statement("kind", ())


@pytest.mark.parametrize(
    ("epoch", "is_taken"), [(0, False), (1, True), (10**9 - 1, True), (10**9, False)]
)
def test_epochs_run_from_one_to_nine_digits(epoch: int, *, is_taken: bool) -> None:
    if is_taken:
        assert Origin.parse(str(Origin("a", "b", epoch))).epoch == epoch
    else:
        with pytest.raises(FrameError):
            Origin("a", "b", epoch)


def test_a_frame_may_begin_at_the_largest_size_and_no_further() -> None:
    note = Note.parse(packed_log(ORIGIN, [sealed_entry(ORIGIN, 0, b"{}")[0]]).checkpoints[0])
    largest = PushFrame(MAX_SIZE, (), note).encode()

    assert PushFrame.parse(largest, FrameLimits()).old == MAX_SIZE
    beyond = largest.replace(b"old %d" % MAX_SIZE, b"old %d" % (MAX_SIZE + 1))
    with pytest.raises(LimitError):
        PushFrame.parse(beyond, FrameLimits())


@pytest.mark.parametrize("length", [0, 1, 1015, 1016, 1017, INLINE_LIMIT - 8])
def test_a_frame_of_content_is_zeros_from_the_first_byte_behind_it(length: int) -> None:
    frame = pad(b"x" * length)

    assert unpad(frame) == b"x" * length
    if 8 + length < len(frame):
        filled = frame[: 8 + length] + b"\x01" + frame[9 + length :]
        with pytest.raises(FrameError):
            unpad(filled)


def test_content_that_fits_no_frame_is_refused_by_both_sides() -> None:
    with pytest.raises(LocalProtocolError):
        pad(bytes(INLINE_LIMIT - 7))
    with pytest.raises(FrameError):
        unpad(struct.pack(">Q", INLINE_LIMIT - 7) + bytes(INLINE_LIMIT - 8))


@pytest.mark.parametrize(("size", "is_taken"), [(-1, False), (0, True), (10, True), (11, False)])
def test_an_attachment_has_a_size_up_to_the_limit(size: int, *, is_taken: bool) -> None:
    content = bytes(max(size, 0))
    leaves = blob_leaves(content)
    if is_taken:
        assert Upload.begin(tree_root(leaves).hex(), size, b"".join(leaves), 10).offset == 0
    else:
        with pytest.raises(LimitError):
            Upload.begin(tree_root(leaves).hex(), size, b"".join(leaves), 10)


def test_officers_sign_without_position_signatures_and_seals() -> None:
    header = parse_header(sealed_entry(ORIGIN, 3, b"{}")[0])
    signed = add_signoff(header, "cooperation", node("a.example").officer)

    payload = json.loads(signed_payload(signed))

    assert payload == {
        name: value for name, value in header.to_object().items() if name != "index"
    } | {"body": {k: v for k, v in json.loads(header.encode())["body"].items() if k != "enc"}}


def test_a_clear_body_names_no_seals_and_a_sealed_one_hides_them_from_officers() -> None:
    seal = Enc("o", "0" * 16, "A")
    sealed = Body("a/b", 1, HASH, HASH, (seal,))

    assert BODY.to_object() == BODY.to_object(with_enc=False)
    assert "enc" not in BODY.to_object()
    assert (
        sealed.to_object(with_enc=False) | {"enc": [{"office": "o", "key": "0" * 16, "seal": "A"}]}
        == sealed.to_object()
    )


def test_every_byte_of_a_fingerprint_is_in_its_words() -> None:
    words = fingerprint_words(b"root").split("-")

    assert len(words) == 16
    assert all(len(word) == 5 for word in words)
    assert words[0] == "hobig"
    assert words[-1] == "livuf"
    assert fingerprint_words(b"root") == other_words(hashlib.sha256(b"root").hexdigest())
