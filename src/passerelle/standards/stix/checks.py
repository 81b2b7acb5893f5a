"""What the STIX schemas leave unchecked: order of versions, references, markings, TLP 2.0 objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from passerelle.kernel.problems import Issue
from passerelle.standards.marks import Tlp
from passerelle.standards.stix.markings import TLP_EXTENSION, TLP_IDS, tlp_marking, tlp_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["find_faults"]

_REFERENCES: Final = ("created_by_ref", "object_refs", "object_marking_refs", "source_ref")


def find_faults(
    objects: Sequence[Mapping[str, Any]], *, name: str, ceiling: Tlp = Tlp.RED
) -> tuple[Issue, ...]:
    """Return the faults of a bundle's objects that no schema finds.

    Parameters
    ----------
    objects
        The objects; each passes the schema of its type, so the types of its values are known.
    name
        Name of the document in the issues.
    ceiling
        Strictest mark that may be in it.
    """
    known = {one["id"] for one in objects} | set(TLP_IDS.values())
    found: list[Issue] = []
    for number, one in enumerate(objects):
        place = f"objects[{number}]"
        for path, code, expected, value in _faults(one, known, ceiling):
            found.append(Issue(name, 0, f"{place}.{path}", code, expected, str(value)[:80]))
    return tuple(found)


def _faults(
    one: Mapping[str, Any], known: set[str], ceiling: Tlp
) -> Iterator[tuple[str, str, str, object]]:
    kind = one["type"]
    if str(one["id"]).split("--", maxsplit=1)[0] != kind:
        yield "id", "stix.id", f"an id of type {kind}", one["id"]
    if one.get("modified", "~") < one.get("created", ""):
        yield "modified", "stix.modified", f"not before {one['created']}", one["modified"]
    if one.get("valid_until", "~") <= one.get("valid_from", ""):
        yield "valid_until", "stix.valid-until", f"after {one['valid_from']}", one["valid_until"]
    for field in _REFERENCES:
        targets = one.get(field, [])
        for target in [targets] if isinstance(targets, str) else targets:
            if target not in known:
                yield field, "stix.reference", "an object of the bundle", target
    if kind == "marking-definition":
        yield from _marking(one)
        return
    tlp = tlp_of(tuple(one.get("object_marking_refs", ())))
    if tlp is None:
        yield "object_marking_refs", "stix.no-tlp", "a TLP marking", "none"
    elif tlp.strictness > ceiling.strictness:
        yield "object_marking_refs", "stix.ceiling", f"at most TLP:{ceiling}", f"TLP:{tlp}"


def _marking(one: Mapping[str, Any]) -> Iterator[tuple[str, str, str, object]]:
    claims = one["id"] in TLP_IDS.values() or TLP_EXTENSION in one.get("extensions", {})
    if claims and not any(dict(one) == tlp_marking(tlp) for tlp in Tlp):
        yield "id", "stix.tlp-object", "one of the five published TLP 2.0 objects", one["id"]
