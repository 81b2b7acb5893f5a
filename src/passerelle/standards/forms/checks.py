"""What holds between the cells of a row, between rows, and between a form and the request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from passerelle.kernel.problems import Issue
from passerelle.kernel.times import parse_instant
from passerelle.standards.forms.fields import FORMS, NEEDED_IN_OFFER, Form

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from passerelle.standards.forms.request import Request
    from passerelle.standards.forms.rows import Row

__all__ = ["Found", "check_rows"]

_MARGIN: Final = timedelta(days=60)
_YOUNGEST: Final = 16 * 365


@dataclass(frozen=True, slots=True)
class Found:
    """Hold the issues that refuse a file, and the warnings that do not."""

    issues: tuple[Issue, ...]
    warnings: tuple[Issue, ...]


def check_rows(rows: Mapping[Form, list[Row]], request: Request, name: str) -> Found:
    """Check all rows of a file.

    Parameters
    ----------
    rows
        Rows by form.
    request
        The request that they answer.
    name
        Name of the file in the issues.
    """
    checker = _Checker(request, name)
    offers = [row for row in rows.get(Form.OFFERS, ()) if row.is_answered]
    people, animals = rows.get(Form.PEOPLE, []), rows.get(Form.ANIMALS, [])
    issues = [
        *checker.needed([*offers, *people, *animals]),
        *checker.offers(offers),
        *checker.periods([*offers, *people, *animals]),
        *checker.items([*people, *animals]),
        *checker.limits(people),
        *checker.people(people),
        *checker.animals(animals, people),
    ]
    return Found(tuple(issues), tuple(checker.certificates([*people, *animals])))


class _Checker:
    """Yield the issues of one file."""

    def __init__(self, request: Request, name: str) -> None:
        self._request = request
        self._name = name

    def needed(self, rows: Iterable[Row]) -> Iterator[Issue]:
        """Expect every field that the row needs."""
        for row in rows:
            names = [field.name for field in FORMS[row.form] if field.is_required]
            answer = row.values.get("answer")
            if answer == "declined":
                names += ["line", "reason_code"]
            elif row.form is Form.OFFERS:
                names += [*NEEDED_IN_OFFER, *(["line"] if answer != "unsolicited" else [])]
            if answer == "conditional":
                names.append("conditions")
            for name in names:
                if name not in row.values and name not in row.bad:
                    yield self._issue(row, name, "form.missing", f"a value for {name}", "")

    def offers(self, rows: list[Row]) -> Iterator[Issue]:
        """Expect lines of the request, and offers named once."""
        lines = {line.line: line for line in self._request.lines}
        for row in rows:
            code = row.values.get("line")
            line = lines.get(str(code))
            if code is not None and line is None:
                expected = "a line of the request: " + ", ".join(lines)
                yield self._issue(row, "line", "form.unknown-line", expected, code)
            elif line and row.values.get("answer") in {"full", "partial", "conditional"}:
                found = row.values.get("capability", line.capability)
                if found != line.capability:
                    expected = f"{line.capability}, or the answer counter"
                    yield self._issue(row, "capability", "form.other-capability", expected, found)
            present, people = row.values.get("present"), row.values.get("people")
            if isinstance(present, int) and isinstance(people, int) and present > people:
                expected = f"at most {people}, the number of people"
                yield self._issue(row, "present", "form.present", expected, present)
        yield from self._once(rows, ("offer",))

    def periods(self, rows: Iterable[Row]) -> Iterator[Issue]:
        """Expect an end after the start, near the time that was asked for."""
        asked = [line.during for line in self._request.lines]
        for row in rows:
            start, end = row.values.get("from"), row.values.get("to")
            if start is None or end is None:
                continue
            if parse_instant(str(start)) >= parse_instant(str(end)):
                yield self._issue(row, "to", "form.reversed", f"an end after {start}", end)
            for name, value in (("from", start), ("to", end)):
                instant = parse_instant(str(value))
                if asked and not (
                    min(one.start for one in asked) - _MARGIN
                    <= instant
                    <= max(one.end for one in asked) + _MARGIN
                ):
                    expected = "a date within 60 days of what was asked"
                    yield self._issue(row, name, "form.outside-period", expected, value)

    def items(self, rows: Iterable[Row]) -> Iterator[Issue]:
        """Expect items of the commitment, where they are known."""
        for row in rows:
            item = row.values.get("item")
            if self._request.items and item is not None and item not in self._request.items:
                expected = "an item of the commitment: " + ", ".join(self._request.items)
                yield self._issue(row, "item", "form.unknown-item", expected, item)

    def limits(self, rows: Iterable[Row]) -> Iterator[Issue]:
        """Expect no more people in an item than were committed."""
        counts: dict[str, int] = {}
        for row in rows:
            item = str(row.values.get("item", ""))
            limit = self._request.limits.get(item)
            counts[item] = counts.get(item, 0) + 1
            if limit is not None and counts[item] > limit:
                expected = f"at most {limit} people in {item}"
                yield self._issue(row, "item", "form.too-many", expected, counts[item])

    def people(self, rows: list[Row]) -> Iterator[Issue]:
        """Expect everybody once, and a birth date that can be one."""
        for names in (
            ("person",),
            ("service_number",),
            ("passport",),
            ("family_name", "given_name", "birth_date"),
        ):
            yield from self._once(rows, names)
        latest = self._request.issued.date() - timedelta(days=_YOUNGEST)
        for row in rows:
            born = row.values.get("birth_date")
            if born is not None and not date(1920, 1, 1) <= date.fromisoformat(str(born)) <= latest:
                expected = f"a birth date from 1920-01-01 to {latest}"
                yield self._issue(row, "birth_date", "form.birth-date", expected, born)

    def animals(self, rows: list[Row], people: list[Row]) -> Iterator[Issue]:
        """Expect every animal once, with a handler of the roll."""
        yield from self._once(rows, ("animal",))
        yield from self._once(rows, ("chip",))
        handlers = {row.values.get("person") for row in people}
        for row in rows:
            handler = row.values.get("handler")
            if handler is not None and handler not in handlers:
                expected = "the reference of a person of the sheet people"
                yield self._issue(row, "handler", "form.unknown-person", expected, handler)

    def certificates(self, rows: Iterable[Row]) -> Iterator[Issue]:
        """Warn of certificates that end before the stay does."""
        for row in rows:
            held = row.values.get("certificates", ())
            end = row.values.get("to")
            if end is None or not isinstance(held, list):
                continue
            day = parse_instant(str(end)).date().isoformat()
            for one in held:
                if isinstance(one, dict) and str(one["valid_until"]) < day:
                    expected = f"a certificate valid until {day}"
                    found = f"{one['certificate']} until {one['valid_until']}"
                    yield self._issue(row, "certificates", "form.certificate-ends", expected, found)

    def _once(self, rows: list[Row], names: tuple[str, ...]) -> Iterator[Issue]:
        first: dict[tuple[str, ...], Row] = {}
        for row in rows:
            if not all(name in row.values for name in names):
                continue
            key = tuple(str(row.values[name]).casefold() for name in names)
            if key in first:
                expected = f"each {', '.join(names)} once; also in {first[key].cell(names[0])}"
                found = " ".join(str(row.values[name]) for name in names)
                yield self._issue(row, names[0], "form.duplicate", expected, found)
            first.setdefault(key, row)

    def _issue(self, row: Row, name: str, code: str, expected: str, found: object) -> Issue:
        place = f"{row.form}!{row.cell(name)}"
        return Issue(self._name, row.number, place, code, expected, str(found)[:80])
