"""A cyber report as a STIX 2.1 bundle.

Mapping: the node → ``identity``; what happened → ``incident`` (a stub in STIX 2.1: name and
description) inside a ``report``; addresses, names and hashes → ``indicator``; techniques →
``attack-pattern`` with the ATT&CK id; what to do → ``note``. Every object carries the TLP 2.0 mark, a
statement for each national mark, the status as a label, and an external reference ``passerelle`` with
the entry id and its SHA-256, so that a reader can ask for proof.

Ids are version 5 UUIDs of the dossier's first entry, so an update keeps them and raises ``modified``;
a withdrawal is the same objects with ``revoked``. What STIX cannot say stays in our record:
deadlines, acknowledgements, consent to onward sharing, erasure.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from uuid import NAMESPACE_URL, uuid5

from passerelle.kernel.canonical import canonical_bytes
from passerelle.kernel.times import format_instant
from passerelle.standards.marks import Handling, Status
from passerelle.standards.stix.markings import TLP_IDS, statement, tlp_marking

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from passerelle.kernel.canonical import Json

__all__ = ["CyberReport", "Observation", "ObservationKind", "write_bundle"]


class ObservationKind(StrEnum):
    """What a technical observation is."""

    IPV4 = "ipv4-addr"
    IPV6 = "ipv6-addr"
    DOMAIN = "domain-name"
    URL = "url"
    EMAIL = "email-addr"
    SHA256 = "file"


_DOMAIN: Final = re.compile(r"(?=.{1,253}$)([A-Za-z0-9_-]{1,63}\.)+[A-Za-z0-9-]{2,63}", re.ASCII)
_EMAIL: Final = re.compile(r"[^\s@<>\"']{1,64}@[^\s@<>\"']{1,253}")
_URL: Final = re.compile(r"[a-z][a-z0-9+.-]{0,30}:[!-~]{1,2000}", re.ASCII)
_SHA256: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_TECHNIQUE: Final = re.compile(r"T\d{4}(\.\d{3})?", re.ASCII)
_ENTRY: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Observation:
    """Name one address, name or hash to look for.

    Parameters
    ----------
    kind
        What it is.
    value
        The value; checked by kind, since the published patterns do not check it.

    Raises
    ------
    ValueError
        When the value is not of the kind.
    """

    kind: ObservationKind
    value: str

    def __post_init__(self) -> None:
        if not _is_valid(self.kind, self.value):
            raise ValueError(f"Expected a value of kind {self.kind}, got {self.value[:80]!r}.")

    @property
    def pattern(self) -> str:
        """The STIX pattern that finds it."""
        text = self.value.replace("\\", "\\\\").replace("'", "\\'")
        if self.kind is ObservationKind.SHA256:
            return f"[file:hashes.'SHA-256' = '{text}']"
        return f"[{self.kind}:value = '{text}']"


@dataclass(frozen=True, slots=True)
class CyberReport:
    """Hold what a cyber report says.

    Parameters
    ----------
    entry, first_entry
        Entry ids of this act and of the first of its dossier, 64 hexadecimal digits.
    node, node_name
        Node that reports, and its name.
    title, kind
        What happened, in a line; kind as in the procedure, for example ``phishing``.
    detected
        When it was noticed.
    first_issued, issued
        When the dossier began and when this act was made.
    handling
        Marks.
    status
        Whether it is meant.
    affected
        Services or systems, in words; never people.
    techniques
        ATT&CK ids such as ``T1566.001``.
    observations
        What to look for.
    action
        What to do.
    confidence
        0 to 100; ``None`` when not stated.
    valid_until
        When the indicators end: with the event.
    is_withdrawn
        Whether the report is taken back.
    """

    entry: str
    first_entry: str
    node: str
    node_name: str
    title: str
    kind: str
    detected: datetime
    first_issued: datetime
    issued: datetime
    handling: Handling
    status: Status = Status.ACTUAL
    affected: tuple[str, ...] = ()
    techniques: tuple[str, ...] = ()
    observations: tuple[Observation, ...] = ()
    action: str = ""
    confidence: int | None = None
    valid_until: datetime | None = None
    is_withdrawn: bool = False

    def __post_init__(self) -> None:
        for entry in (self.entry, self.first_entry):
            if _ENTRY.fullmatch(entry) is None:
                raise ValueError(f"Expected an entry id of 64 hexadecimal digits, got {entry!r}.")
        for technique in self.techniques:
            if _TECHNIQUE.fullmatch(technique) is None:
                raise ValueError(f"Expected an ATT&CK id such as T1566.001, got {technique!r}.")
        if self.issued < self.first_issued:
            raise ValueError("Expected issued >= first_issued.")
        if self.confidence is not None and not 0 <= self.confidence <= 100:
            raise ValueError(f"Expected confidence from 0 to 100, got {self.confidence}.")


def write_bundle(report: CyberReport) -> bytes:
    """Write the bundle.

    Parameters
    ----------
    report
        The report.

    Returns
    -------
    bytes
        Canonical JSON (RFC 8785); the same report gives the same bytes.
    """
    writer = _Writer(report)
    objects: list[Json] = list(writer.objects())
    bundle: dict[str, Json] = {
        "type": "bundle",
        "id": writer.id_of("bundle", report.entry),
        "objects": objects,
    }
    return canonical_bytes(bundle)


def _is_valid(kind: ObservationKind, value: str) -> bool:
    if kind in {ObservationKind.IPV4, ObservationKind.IPV6}:
        network = ipaddress.IPv4Network if kind is ObservationKind.IPV4 else ipaddress.IPv6Network
        try:
            network(value, strict=False)
        except ValueError:
            return False
        return "%" not in value
    pattern = {
        ObservationKind.DOMAIN: _DOMAIN,
        ObservationKind.EMAIL: _EMAIL,
        ObservationKind.URL: _URL,
        ObservationKind.SHA256: _SHA256,
    }[kind]
    return pattern.fullmatch(value) is not None


class _Writer:
    """Make the objects of one bundle."""

    def __init__(self, report: CyberReport) -> None:
        self._report = report
        self._node = self.id_of("identity", report.node)
        self._created = _timestamp(report.first_issued)
        self._marks = [TLP_IDS[report.handling.tlp]]
        self._marks += [self._mark_id(mark) for mark in report.handling.marks]

    def id_of(self, kind: str, name: str) -> str:
        """Return a stable id: a version 5 UUID of what the object stands for."""
        return f"{kind}--{uuid5(NAMESPACE_URL, f'urn:passerelle:stix:{kind}:{name}')}"

    def objects(self) -> Iterator[dict[str, Json]]:
        """Yield markings first, then the identity, then what the report says."""
        report = self._report
        yield tlp_marking(report.handling.tlp)
        for mark in report.handling.marks:
            yield statement(self._mark_id(mark), mark, created=self._created, created_by=self._node)
        yield {
            "type": "identity",
            "spec_version": "2.1",
            "id": self._node,
            "created": "2024-01-01T00:00:00.000Z",
            "modified": "2024-01-01T00:00:00.000Z",
            "name": report.node_name,
            "identity_class": "organization",
            "object_marking_refs": [TLP_IDS[report.handling.tlp]],
        }
        inside = [*self._incident(), *self._indicators(), *self._patterns(), *self._note()]
        yield from inside
        yield self._object(
            "report",
            "report",
            {
                "name": report.title,
                "report_types": ["indicator" if report.observations else "threat-report"],
                "published": _timestamp(report.issued),
                "object_refs": [part["id"] for part in inside],
            },
        )

    def _incident(self) -> Iterator[dict[str, Json]]:
        report = self._report
        words = [f"{report.kind}; detected {_timestamp(report.detected)}"]
        if report.affected:
            words.append("affected: " + ", ".join(report.affected))
        yield self._object(
            "incident", "incident", {"name": report.title, "description": "; ".join(words)}
        )

    def _indicators(self) -> Iterator[dict[str, Json]]:
        report = self._report
        for observation in report.observations:
            fields: dict[str, Json] = {
                "name": f"{observation.kind}: {observation.value}",
                "indicator_types": ["malicious-activity"],
                "pattern": observation.pattern,
                "pattern_type": "stix",
                "valid_from": _timestamp(report.detected),
            }
            if report.valid_until is not None:
                fields["valid_until"] = _timestamp(report.valid_until)
            yield self._object("indicator", f"{observation.kind}:{observation.value}", fields)

    def _patterns(self) -> Iterator[dict[str, Json]]:
        for technique in self._report.techniques:
            found = self._object("attack-pattern", technique, {"name": technique})
            reference: Json = {"source_name": "mitre-attack", "external_id": technique}
            found["external_references"] = [reference, self._reference()]
            yield found

    def _note(self) -> Iterator[dict[str, Json]]:
        if self._report.action:
            incident = self._id("incident", "incident")
            yield self._object(
                "note", "action", {"content": self._report.action, "object_refs": [incident]}
            )

    def _object(self, kind: str, name: str, fields: dict[str, Json]) -> dict[str, Json]:
        report = self._report
        found: dict[str, Json] = {
            "type": kind,
            "spec_version": "2.1",
            "id": self._id(kind, name),
            "created_by_ref": self._node,
            "created": self._created,
            "modified": _timestamp(report.issued),
            "object_marking_refs": list(self._marks),
            "external_references": [self._reference()],
            "labels": [f"status:{report.status.value}"],
            **fields,
        }
        if report.confidence is not None:
            found["confidence"] = report.confidence
        if report.is_withdrawn:
            found["revoked"] = True
        return found

    def _id(self, kind: str, name: str) -> str:
        return self.id_of(kind, f"{self._report.first_entry}:{name}")

    def _mark_id(self, mark: str) -> str:
        return self.id_of("marking-definition", f"{self._report.node}:{mark}")

    def _reference(self) -> dict[str, Json]:
        entry = self._report.entry
        return {
            "source_name": "passerelle",
            "external_id": entry,
            "description": f"Log entry of node {self._report.node}; its id is its SHA-256.",
        }


def _timestamp(instant: datetime) -> str:
    """Write milliseconds and ``Z``, which STIX requires."""
    return format_instant(instant).removesuffix("Z") + ".000Z"
