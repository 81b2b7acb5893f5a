import time

import pytest

from passerelle.standards.problems import FormatError
from passerelle.standards.xml import Limits, read_xml


def code_of(content: bytes, **limits: int) -> str:
    with pytest.raises(FormatError) as caught:
        read_xml(content, name="x", limits=Limits(**limits))
    (issue,) = caught.value.issues
    return issue.code


BOMB = (
    b'<!DOCTYPE a [<!ENTITY a "x">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))
    + b"]><a>&a9;</a>"
)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (BOMB, "xml.doctype"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "xml.doctype"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "xml.doctype"),
        ("<!DOCTYPE a><a/>".encode("utf-16"), "xml.doctype"),
        (b"<a>&x;</a>", "xml.not-well-formed"),
        (b"<a>" * 65 + b"</a>" * 65, "xml.too-deep"),
        (b"<a", "xml.not-well-formed"),
        (b"", "xml.not-well-formed"),
        (b"<a/><b/>", "xml.not-well-formed"),
        (b"<a>\xff</a>", "xml.not-well-formed"),
        (b"<p:a/>", "xml.not-well-formed"),
        (b'<a b="1" b="2"/>', "xml.not-well-formed"),
        (b'<?xml version="1.0" encoding="cp037"?><a/>', "xml.encoding"),
        (b"<a " + b" ".join(b'b%d=""' % n for n in range(65)) + b"/>", "xml.too-many-attributes"),
    ],
)
def test_a_hostile_document_is_refused_by_name(content: bytes, code: str) -> None:
    assert code_of(content) == code


def test_a_document_over_the_length_is_refused_unread() -> None:
    assert code_of(b"<a>" + b"x" * 100 + b"</a>", n_bytes=50) == "xml.too-long"


def test_too_many_elements_are_refused() -> None:
    assert code_of(b"<a>" + b"<b/>" * 10 + b"</a>", n_elements=10) == "xml.too-many-elements"


def test_depth_64_is_the_deepest_taken() -> None:
    assert read_xml(b"<a>" * 64 + b"</a>" * 64, name="x").tag == "a"


def test_a_comment_cannot_cut_a_text_in_two() -> None:
    root = read_xml(b"<a>user<!-- -->@evil</a>", name="x")

    assert root.text == "user@evil"


def test_the_place_of_the_error_is_named() -> None:
    with pytest.raises(FormatError, match=r"bad\.xml:2: expected well-formed XML"):
        read_xml(b"<a>\n</b>", name="bad.xml")


def test_a_hostile_document_costs_little_time() -> None:
    started = time.process_time()

    code_of(b"<a>" * 1_000_000)

    assert time.process_time() - started < 1
