"""EDXL-DE 2.0: the envelope in which other EDXL messages travel."""

from passerelle.standards.de.reading import read_envelope
from passerelle.standards.de.values import (
    KIND_OF_ENTRY,
    Attachment,
    Envelope,
    Extension,
    Kind,
)
from passerelle.standards.de.writing import write_envelope

__all__ = [
    "KIND_OF_ENTRY",
    "Attachment",
    "Envelope",
    "Extension",
    "Kind",
    "read_envelope",
    "write_envelope",
]
