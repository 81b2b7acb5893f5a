"""The stand-alone verifier: what it proves, and that nothing can be altered behind its back."""

from __future__ import annotations

import hashlib
import io
import os
import random
import re
import tarfile
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.simulators.exchange_keys import (
    ORIGIN,
    START,
    disclosed,
    node,
    packed_log,
    sealed_entry,
    trust_files,
)
from tests.simulators.exchange_packs import every_kind

from passerelle.exchange.card import Window
from passerelle.exchange.header import Attachment, Body, Due, Kind, entry_id, parse_header
from passerelle.exchange.jcs import write
from passerelle.exchange.merkle import leaf_hash
from passerelle.exchange.pack import PackedContent, PackedLog, build_pack, pack_files
from passerelle.exchange.publish import publish_card
from passerelle.exchange.seal import EntryKey, commitment
from passerelle.exchange.standalone import passerelle_verify
from passerelle.exchange.standalone.passerelle_verify import BrokenError, Report, main, verify
from passerelle.exchange.suite import S1
from passerelle.exchange.trust import fingerprint_words

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.exchange.names import Origin

REVERSE = ORIGIN.reverse
ROOTS = [
    f"--root={name}={fingerprint_words(node(name).root)}" for name in ("a.example", "b.example")
]


def headers(origin: Origin, count: int) -> list[bytes]:
    """Make sealed entries."""
    return [sealed_entry(origin, n, b'{"n":%d}' % n)[0] for n in range(count)]


def pack_of(*logs: PackedLog, contents: tuple[PackedContent, ...] = ()) -> bytes:
    """Build a pack over logs of the two nodes."""
    return build_pack(logs, trust_files("a.example", "b.example"), contents)


def run(tmp_path: Path, data: bytes, *options: str) -> int:
    """Write a pack and verify it."""
    path = tmp_path / "pack"
    path.write_bytes(data)
    return main([str(path), *ROOTS, *options])


def test_a_receipted_dossier_is_proved_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header, _, key = sealed_entry(ORIGIN, 0, b'{"n":0}')
    contents = (disclosed(header, key, b'{"n":0}'),)

    code = run(tmp_path, pack_of(packed_log(ORIGIN, [header]), contents=contents))

    assert code == 0
    told = capsys.readouterr().out
    assert "1 of 1 are proved received: b.example signed" in told
    assert "1 contents are disclosed" in told


def test_an_entry_is_proved_by_its_name_with_its_receipt(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = headers(ORIGIN, 3)
    data = pack_of(packed_log(ORIGIN, told, receipted=2))

    assert run(tmp_path, data, f"--entry={entry_id(told[1])}") == 1
    said = capsys.readouterr().out
    assert f"Entry {entry_id(told[1])} is number 1 of {ORIGIN}: a.example (cooperation)" in said
    assert "b.example signed that it held this entry on 2024-04-22 09:01:00 UTC" in said
    assert run(tmp_path, data, f"--entry={entry_id(told[2])}") == 1
    assert f"No receipt covers entry {entry_id(told[2])} yet" in capsys.readouterr().out
    assert run(tmp_path, data, f"--entry={'0' * 64}") == 1
    assert "nothing is proved about it" in capsys.readouterr().out


def test_a_pack_of_every_kind_is_told_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, every_kind()) == 1

    told = capsys.readouterr().out
    for words in (
        "epoch-2 begins a new epoch",
        "5 of 6 are proved received",
        "4 contents are disclosed",
        "in time (due 2024-04-22 11:01:00 UTC)",
        "Dossier 00000000000000000000000000000001: 2 entries are shown",
        "(a.example 1 request, a.example 4 notice.erasure)",
        "a.example also signed another record of 1 entries",
        "Remark: Entry 3 of a.example/to/b.example/epoch-1 cannot be read",
    ):
        assert words in told, words


def test_the_version_of_the_list_of_files_counts(tmp_path: Path) -> None:
    listed = unpack(every_kind())
    manifest = {"v": 2, "files": {n: hashlib.sha256(d).hexdigest() for n, d in listed.items()}}
    other = pack_files([("manifest.json", write(manifest)), *sorted(listed.items())])  # type: ignore[arg-type]

    assert run(tmp_path, other) == 2


def test_files_that_the_layout_does_not_name_are_broken(tmp_path: Path) -> None:
    assert run(tmp_path, repack(unpack(every_kind()) | {"logs/readme": b"trust me"})) == 2


def test_a_signature_in_capital_digits_is_broken(tmp_path: Path) -> None:
    files = unpack(every_kind())
    text = files["trust/a.example/timestamp.json"]
    at = re.search(rb'"sig":"[0-9]*([a-f])', text)
    assert at is not None
    changed = text[: at.start(1)] + at[1].upper() + text[at.end(1) :]

    assert run(tmp_path, repack(files | {"trust/a.example/timestamp.json": changed})) == 2


@pytest.mark.parametrize(
    "data", [b'{"a":1,"a":1}', b'{"b":1,"a":1}', b'{"a": 1}', b'{"a":1.0}', b"[" * 5000]
)
def test_headers_in_another_than_the_canonical_form_are_unreadable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes
) -> None:
    assert run(tmp_path, pack_of(packed_log(ORIGIN, [data]))) == 1
    assert "cannot be read; it is signed all the same" in capsys.readouterr().out


def test_only_the_other_side_can_answer_and_taking_charge_is_no_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = sealed_entry(ORIGIN, 0, b"{}", due=Due(2, "hours", "receipt"))[0]
    again = sealed_entry(ORIGIN, 1, b"{}", re=(entry_id(asked),))[0]
    taken = replace(
        parse_header(sealed_entry(REVERSE, 0, b"{}", re=(entry_id(asked),))[0]),
        kind=Kind.ACKNOWLEDGE,
    ).encode()

    assert run(tmp_path, pack_of(packed_log(ORIGIN, [asked, again]))) == 1
    assert "not answered here" in capsys.readouterr().out
    both = (packed_log(ORIGIN, [asked]), packed_log(REVERSE, [taken]))
    assert run(tmp_path, pack_of(*both)) == 1
    assert "not answered here" in capsys.readouterr().out


def test_unreceipted_entries_are_a_remark(tmp_path: Path) -> None:
    assert run(tmp_path, pack_of(packed_log(ORIGIN, headers(ORIGIN, 3), receipted=2))) == 1


def test_withheld_entries_still_lead_to_the_root(tmp_path: Path) -> None:
    log = packed_log(ORIGIN, headers(ORIGIN, 4))
    hidden = tuple(
        (False, leaf_hash(data)) if n % 2 else (True, data)
        for n, (_, data) in enumerate(log.entries)
    )

    assert run(tmp_path, pack_of(PackedLog(log.origin, hidden, log.checkpoints, log.receipts))) == 0


def test_deadlines_are_judged_from_receipts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [sealed_entry(ORIGIN, 0, b"{}", due=Due(2, "hours", "receipt"))[0]]
    answer = [sealed_entry(REVERSE, 0, b"{}", re=(entry_id(asked[0]),))[0]]
    ask = packed_log(ORIGIN, asked, late=0)

    assert run(tmp_path, pack_of(ask, packed_log(REVERSE, answer, late=3600))) == 0
    assert "in time" in capsys.readouterr().out
    assert run(tmp_path, pack_of(ask, packed_log(REVERSE, answer, late=3 * 3600))) == 1
    assert "answered late" in capsys.readouterr().out


def test_absence_needs_all_headers_and_a_later_receipt(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = packed_log(ORIGIN, headers(ORIGIN, 5), late=3600)
    case, before = "0" * 32, "2024-04-22T09:30:00Z"

    assert run(tmp_path, pack_of(log), f"--absence={case}", f"--before={before}") == 0
    assert "has exactly 0 entries (none) and no other" in capsys.readouterr().out
    late = "2024-04-23T00:00:00Z"
    assert run(tmp_path, pack_of(log), f"--absence={case}", f"--before={late}") == 1


def test_two_packs_agree_or_prove_a_fork(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = headers(ORIGIN, 4)
    other = [
        *told[:2],
        sealed_entry(ORIGIN, 2, b'{"another":"story"}', due=Due(1, "hours", "sent"))[0],
    ]
    paths = []
    for name, found in (("one", told), ("two", told[:3]), ("three", other)):
        paths.append(tmp_path / name)
        paths[-1].write_bytes(pack_of(packed_log(ORIGIN, found)))

    assert main([str(paths[0]), str(paths[1]), *ROOTS]) == 0
    assert "agree on a.example/to/b.example/epoch-1 up to 3 entries" in capsys.readouterr().out
    assert main([str(paths[0]), str(paths[2]), *ROOTS]) == 2
    assert "it told two stories" in capsys.readouterr().out


def test_another_root_than_the_one_given_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "pack"
    path.write_bytes(pack_of(packed_log(ORIGIN, headers(ORIGIN, 1))))

    assert main([str(path), "--root=a.example=" + "0" * 64]) == 2


def test_another_content_than_committed_is_broken(tmp_path: Path) -> None:
    header, _, key = sealed_entry(ORIGIN, 0, b'{"n":0}')
    contents = (disclosed(header, key, b'{"n":1}'),)

    assert run(tmp_path, pack_of(packed_log(ORIGIN, [header]), contents=contents)) == 2


def test_a_dropped_family_is_broken(tmp_path: Path) -> None:
    log = packed_log(ORIGIN, headers(ORIGIN, 1))
    for place in ("checkpoints", "receipts"):
        for line in (-1, -2):
            lines = getattr(log, place)[0].split(b"\n")
            del lines[line - 1]
            changed = {"checkpoints": log.checkpoints, "receipts": log.receipts}
            changed[place] = (b"\n".join(lines),)
            cut = PackedLog(log.origin, log.entries, changed["checkpoints"], changed["receipts"])
            assert run(tmp_path, pack_of(cut)) == 2, (place, line)


def test_an_entry_left_out_added_or_moved_is_broken(tmp_path: Path) -> None:
    log = packed_log(ORIGIN, headers(ORIGIN, 3))
    entries = log.entries
    for changed in (entries[:2], entries[1:], (*entries, entries[0]), entries[::-1], ()):
        cut = PackedLog(log.origin, changed, log.checkpoints, log.receipts)
        assert run(tmp_path, pack_of(cut)) == 2


def test_every_flipped_byte_of_a_pack_is_seen() -> None:
    data = pack_of(packed_log(ORIGIN, headers(ORIGIN, 200)))
    share = float(os.environ.get("PASSERELLE_SCALE", "1")) * 150 / len(data)
    draw = random.Random(5)
    places = [at for at in range(len(data)) if draw.random() < share]

    for at in places:
        flipped = bytearray(data)
        flipped[at] ^= 1 << draw.randrange(8)
        with pytest.raises((BrokenError, *passerelle_verify.MALFORMED)):
            verify(bytes(flipped), {}, Report())


@pytest.mark.parametrize("data", [b"", b"x" * 10_240, bytes(10_240), b"\x1f\x8b" + bytes(600)])
def test_what_is_no_pack_is_broken(tmp_path: Path, data: bytes) -> None:
    assert run(tmp_path, data) == 2


def test_every_sentence_is_there_in_three_languages_with_the_same_values() -> None:
    for code, texts in passerelle_verify.SENTENCES.items():
        assert len(texts) == 3, code
        names = [sorted(set(re.findall(r"{(\w+)}", text))) for text in texts]
        assert names[0] == names[1] == names[2], code
        assert all(texts), code


def test_every_code_that_is_used_has_its_sentence(project_root: Path) -> None:
    path = project_root / "src/passerelle/exchange/standalone/passerelle_verify.py"
    code = path.read_text("utf-8").partition('TABLE = """')[0]
    used = set(re.findall(r'(?:add\(\s*"\w+",|BrokenError\(|words\()\s*"([a-z0-9-]+)"', code))
    used |= set(re.findall(r'"@([a-z]+)"', code)) | {f"verdict-{n}" for n in range(3)}
    used |= set(re.findall(r'"((?:due|entry)-[a-z]+)"', code))

    assert used | {"malformed", "unread"} == set(passerelle_verify.SENTENCES)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "1 of 1 are proved received"),
        ("fr", "1 sur 1 sont prouvées reçues"),
        ("ar", "ثبت تسلّم 1 من 1"),
    ],
)
def test_it_speaks_three_languages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str, words: str
) -> None:
    data = pack_of(packed_log(ORIGIN, headers(ORIGIN, 1)))

    assert run(tmp_path, data, f"--language={language}") == 0
    assert words in capsys.readouterr().out
    assert run(tmp_path, data[:-1], f"--language={language}") == 2
    assert "Traceback" not in capsys.readouterr().out


@pytest.mark.parametrize("options", [["--absence=0", "--before=soon"], ["--root=nonsense"]])
def test_what_cannot_be_understood_is_said_and_not_traced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    assert run(tmp_path, b"", *options) == 2
    assert "--absence" in capsys.readouterr().err
    assert main([str(tmp_path / "nowhere")]) == 2
    assert "cannot be read" in capsys.readouterr().out


RUBBISH = (
    b"", b"{}", b"[]", b"null", b"0", b'{"signed":1}', b"\xff\xfe", b"\x00" * 40, b"[" * 9000,
    b'{"files":{}}', b"1" * 5000, b"a/to/b/epoch-1",
)  # fmt: skip


def test_rubbish_in_any_file_of_a_pack_is_broken_and_never_traced(tmp_path: Path) -> None:
    header, _, key = sealed_entry(ORIGIN, 0, b'{"n":0}', due=Due(1, "hours", "sent"))
    whole = pack_of(packed_log(ORIGIN, [header]), contents=(disclosed(header, key, b'{"n":0}'),))
    files = unpack(whole)
    draw = random.Random(11)

    for name in sorted(files):
        for rubbish in (*RUBBISH, draw.randbytes(200), files[name][: len(files[name]) // 2], None):
            changed = {k: v for k, v in files.items() if k != name or rubbish is not None}
            if rubbish is not None:
                changed[name] = rubbish
            code = run(tmp_path, repack(changed))
            same = rubbish is not None and rubbish == files[name]
            assert same or code in {1, 2}, (name, rubbish)


def test_flipped_bits_behind_a_fresh_list_of_files_are_never_traced(tmp_path: Path) -> None:
    files = unpack(pack_of(packed_log(ORIGIN, headers(ORIGIN, 2))))
    draw = random.Random(12)

    for _ in range(int(float(os.environ.get("PASSERELLE_SCALE", "1")) * 150)):
        name = draw.choice(sorted(files))
        data = bytearray(files[name])
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        run(tmp_path, repack(files | {name: bytes(data)}))


def unpack(pack: bytes) -> dict[str, bytes]:
    """Return the files of a pack but its list."""
    with tarfile.open(fileobj=io.BytesIO(pack)) as found:
        read = {one.name: found.extractfile(one).read() for one in found}  # type: ignore[union-attr]
    return {name: data for name, data in read.items() if name != "manifest.json"}


def repack(files: dict[str, bytes]) -> bytes:
    """Write files with a fresh list, in canonical form: only their content is wrong."""
    listed = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    manifest = write({"v": 1, "files": listed})  # type: ignore[dict-item]
    return pack_files([("manifest.json", manifest), *sorted(files.items())])


def test_a_log_signed_by_a_key_revoked_before_its_receipt_is_a_remark(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = packed_log(ORIGIN, headers(ORIGIN, 2), late=60)
    for minutes, code in ((2, 0), (0, 1)):
        revoked = Window(START, revoked=START + timedelta(minutes=minutes))
        a = node("a.example")
        card = replace(
            a.card, log_keys=tuple(replace(key, window=revoked) for key in a.card.log_keys)
        )
        files = trust_files("a.example", "b.example")
        files["a.example"] |= publish_card(card.encode(), a.roles, START, version=2)

        assert run(tmp_path, build_pack((log,), files)) == code
        told = capsys.readouterr().out
        assert ("revoked before their receipt" in told) is bool(code)


def test_an_earlier_card_proves_what_a_newer_one_forgot(tmp_path: Path) -> None:
    log = packed_log(ORIGIN, headers(ORIGIN, 2))
    a, other = node("a.example"), node("a.example", 2)
    newer = publish_card(other.card.encode(), a.roles, START, version=7)
    files = trust_files("a.example", "b.example")
    earlier = {
        "1.targets.json": files["a.example"]["targets.json"],
        "1.node.json": files["a.example"]["node.json"],
    }
    without = files["a.example"] | newer

    assert run(tmp_path, build_pack((log,), files | {"a.example": without})) == 2
    assert run(tmp_path, build_pack((log,), files | {"a.example": without | earlier})) == 0
    forged = earlier | {"1.targets.json": other.files["targets.json"]}
    assert run(tmp_path, build_pack((log,), files | {"a.example": without | forged})) == 2


def test_contents_that_travelled_clear_and_attachments_are_proved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clear = b'{"open":true}'
    found = parse_header(sealed_entry(ORIGIN, 0, b"{}")[0])
    key = EntryKey(bytes(32), S1)
    salt = key.derive("att-salt/0")
    att = Attachment(80, "a" * 64, commitment(salt, b"a file"))
    body = Body("application/json", len(clear), hashlib.sha256(clear).hexdigest())
    header = replace(found, body=body, att=(att,)).encode()
    name = entry_id(header)
    log = packed_log(ORIGIN, [header])

    def pack(content: bytes, file: bytes) -> bytes:
        contents = (
            PackedContent(name, b"", content),
            PackedContent(name, salt, file, "att-0-"),
        )
        return pack_of(log, contents=contents)

    assert run(tmp_path, pack(clear, b"a file")) == 0
    assert "2 contents are disclosed" in capsys.readouterr().out
    assert run(tmp_path, pack(b"{}", b"a file")) == 2
    assert run(tmp_path, pack(clear, b"another file")) == 2


def test_entries_before_a_date_are_counted_and_their_absence_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = headers(ORIGIN, 5)  # dossiers 0, 1, 2, 0, 1
    log = packed_log(ORIGIN, told, receipted=5, late=7200)
    case, before = "0" * 31 + "1", "2024-04-22T12:00:00Z"

    assert run(tmp_path, pack_of(log), f"--absence={case}", "--before=2024-04-22T10:30:00Z") == 0
    assert "exactly 0 entries" in capsys.readouterr().out
    assert run(tmp_path, pack_of(log), f"--absence={case}", f"--before={before}") == 1
    assert "Absence is not proved" in capsys.readouterr().out
    hidden = tuple((n != 2, data if n != 2 else leaf_hash(data)) for n, data in enumerate(told))
    withheld = PackedLog(log.origin, hidden, log.checkpoints, log.receipts)
    early = "2024-04-22T10:30:00Z"
    assert run(tmp_path, pack_of(withheld), f"--absence={case}", f"--before={early}") == 1
