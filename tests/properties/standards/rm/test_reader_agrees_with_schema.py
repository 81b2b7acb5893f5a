"""Our reader and the published schema give the same verdict on the structure of a message."""

import copy
import random
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from passerelle.standards.problems import FormatError
from passerelle.standards.rm import MessageType
from passerelle.standards.rm.reading import read_tree
from passerelle.standards.rm.tables import schema_file
from passerelle.standards.xml import SchemaFolder, SchemaSet, read_xml

RUNS = 60
# What the schema leaves to the prose.
BEYOND = ("rm.rule-",)
TEXTS = (
    "",
    "x",
    "Accept",
    "Provisional",
    "RequestedArrival",
    "Current",
    "12",
    "-3",
    "1e3",
    "INF",
    "1_0",
)


def changed(root: Any, seed: int) -> Any:
    """Remove, double, move, rename or rewrite one element below the root."""
    chance = random.Random(seed)
    tree = copy.deepcopy(root)
    element = chance.choice(list(tree.iter())[1:])
    parent = element.getparent()
    match chance.randrange(5):
        case 0:
            parent.remove(element)
        case 1:
            parent.insert(parent.index(element), copy.deepcopy(element))
        case 2:
            parent.insert(chance.randrange(len(parent)), element)
        case 3:
            element.tag = chance.choice([one.tag for one in tree.iter()])
        case _:
            if len(element) == 0:
                element.text = chance.choice(TEXTS)
    return read_xml(etree.tostring(tree), name="m")


def is_well_structured(root: Any) -> bool:
    try:
        read_tree(root, name="m")
    except FormatError as error:
        return all(issue.code.startswith(BEYOND) for issue in error.issues)
    return True


@pytest.mark.shared
@pytest.mark.parametrize("kind", list(MessageType))
def test_reader_and_schema_agree_on_changed_samples(kind: MessageType, shared: Path) -> None:
    schemas = SchemaFolder(shared / "standards")
    (path, *_) = (shared / "standards/edxl-rm-1.0/samples/valid").glob(f"[0-9][0-9]-{kind}.xml")
    sample = read_xml(path.read_bytes(), name=path.name)
    differing = []
    verdicts = set()
    for seed in range(RUNS):
        root = changed(sample, seed)
        valid = not schemas.check(root, SchemaSet.RM, schema_file(kind), name="m")
        verdicts.add(valid)
        if valid is not is_well_structured(root):
            differing.append((seed, valid))

    assert differing == []
    assert verdicts == {True, False}
