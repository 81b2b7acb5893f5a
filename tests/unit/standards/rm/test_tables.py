"""Our tables say what the published schemas say, element by element."""

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from passerelle.standards.rm.tables import (
    MessageType,
    ScheduleType,
    _elements,
    multiplicity,
    schedule_types,
    schema_file,
)

pytestmark = pytest.mark.shared
XS = "{http://www.w3.org/2001/XMLSchema}"
SIGNS = {("1", "1"): "1", ("0", "1"): "?", ("0", "unbounded"): "*", ("1", "unbounded"): "+"}


def elements_of(node: Any, path: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for child in node:
        inside = path
        if child.tag == f"{XS}element":
            inside = f"{path}/{child.get('name')}"
            found[inside] = SIGNS[child.get("minOccurs", "1"), child.get("maxOccurs", "1")]
        found |= elements_of(child, inside) if isinstance(child.tag, str) else {}
    return found


@pytest.mark.parametrize("kind", list(MessageType))
def test_the_element_table_equals_the_schema(kind: MessageType, shared: Path) -> None:
    path = shared / "standards/edxl-rm-1.0" / schema_file(kind)
    published = elements_of(etree.parse(str(path)).getroot(), "")
    published = {name.removeprefix(f"/{kind}/"): sign for name, sign in published.items()}
    del published[f"/{kind}"]

    ours = {
        name: multiplicity(kind, name)
        for name in _elements()
        if "ResponseInformation/" not in name  # one type for all messages, in the common schema
        and not any(multiplicity(kind, parent) == "." for parent in parents(name))
        and multiplicity(kind, name) != "."
    }

    assert {name: sign for name, sign in published.items() if "/Fund" not in name} == ours


def parents(name: str) -> list[str]:
    parts = name.split("/")
    return ["/".join(parts[:length]) for length in range(1, len(parts))]


@pytest.mark.parametrize("kind", list(MessageType))
def test_the_schedule_table_equals_the_schema(kind: MessageType, shared: Path) -> None:
    root = etree.parse(str(shared / "standards/edxl-rm-1.0" / schema_file(kind))).getroot()
    named = [node for node in root.iter(f"{XS}element") if node.get("name") == "ScheduleType"]
    published = {value.get("value") for value in named[0].iter(f"{XS}enumeration")}

    # Two schemas name no values: then all of them are allowed.
    assert {ScheduleType(value) for value in published or set(ScheduleType)} == schedule_types(kind)
