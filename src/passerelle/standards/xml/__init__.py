"""Reading XML from outside without trusting it, and checking it against published schemas."""

from passerelle.standards.xml.reading import Limits, read_xml
from passerelle.standards.xml.schemas import SchemaFolder, SchemaSet

__all__ = ["Limits", "SchemaFolder", "SchemaSet", "read_xml"]
