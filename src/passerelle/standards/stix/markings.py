"""Marking objects: TLP 2.0 as published, and statements for national marks.

The TLP 2.0 objects are fixed: everybody refers to the same five ids (published by OASIS with the
STIX common objects, 1 October 2022). A schema accepts any value in their extension, so what comes in
is compared with the published objects whole; anything else that claims to be TLP 2.0 is a fault.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.standards.marks import Tlp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.kernel.canonical import Json

__all__ = ["TLP_EXTENSION", "TLP_IDS", "statement", "tlp_marking", "tlp_of"]

TLP_EXTENSION: Final = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
TLP_IDS: Final = {
    Tlp.CLEAR: "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    Tlp.GREEN: "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    Tlp.AMBER: "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    Tlp.AMBER_STRICT: "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    Tlp.RED: "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
_OLD_IDS: Final = {
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": Tlp.CLEAR,
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": Tlp.GREEN,
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": Tlp.AMBER,
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": Tlp.RED,
}
"""TLP 1 ids, understood on the way in."""


def tlp_marking(tlp: Tlp) -> dict[str, Json]:
    """Return the published marking object of TLP 2.0."""
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": TLP_IDS[tlp],
        "created": "2022-10-01T00:00:00.000Z",
        "name": f"TLP:{tlp.value}",
        "extensions": {
            TLP_EXTENSION: {
                "extension_type": "property-extension",
                "tlp_2_0": tlp.value.lower(),
            }
        },
    }


def statement(marking_id: str, text: str, *, created: str, created_by: str) -> dict[str, Json]:
    """Return a marking object for a national or agency mark."""
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": marking_id,
        "created": created,
        "created_by_ref": created_by,
        "definition_type": "statement",
        "definition": {"statement": text},
    }


def tlp_of(references: tuple[str, ...]) -> Tlp | None:
    """Return the strictest TLP mark among marking references, old ids included."""
    by_id: Mapping[str, Tlp] = {**{value: key for key, value in TLP_IDS.items()}, **_OLD_IDS}
    found = [by_id[reference] for reference in references if reference in by_id]
    return max(found, key=lambda tlp: tlp.strictness, default=None)
