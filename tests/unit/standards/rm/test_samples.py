"""The shared samples: seventeen valid, eleven that pass the schema and break a rule."""

from pathlib import Path

import pytest

from passerelle.standards.problems import FormatError
from passerelle.standards.rm import MessageType, read_message, write_message
from passerelle.standards.xml import SchemaFolder

pytestmark = pytest.mark.shared

BROKEN = {
    "accept-without-quantity": {"rm.rule-6.quantity"},
    "contact-with-neither-description-nor-role": {"rm.rule-4.one-of"},
    "duplicate-resource-info-element-id": {"rm.rule-7.unique-line"},
    "first-message-originating-id-differs": {"rm.rule-1.originating-id"},
    "funding-empty": {"rm.rule-4.one-of"},
    "incident-with-neither-id-nor-description": {"rm.rule-4.one-of"},
    "location-empty": {"rm.rule-4.one-of"},
    "negative-quantity": {"rm.rule-6.quantity"},
    # This sample also lacks a quantity.
    "provisional-without-reason": {"rm.rule-5.provisional-reason", "rm.rule-6.quantity"},
    "resource-with-no-id-name-or-type": {"rm.rule-4.one-of"},
    "sent-datetime-with-z": {"rm.rule-3.instant-with-offset"},
}


@pytest.fixture(scope="module")
def samples(shared: Path) -> Path:
    return shared / "standards/edxl-rm-1.0/samples"


@pytest.mark.parametrize("with_schemas", [True, False])
def test_all_valid_samples_are_read_and_written_again(
    samples: Path, shared: Path, *, with_schemas: bool
) -> None:
    schemas = SchemaFolder(shared / "standards") if with_schemas else None
    read = [
        read_message(path.read_bytes(), name=path.name, schemas=schemas)
        for path in sorted(samples.glob("valid/*.xml"))
    ]

    assert len(read) == 17
    assert {received.message.type for received in read} == set(MessageType)
    assert all(received.schema_checked is with_schemas for received in read)
    for received in read:
        content = write_message(received.message, schemas=schemas)
        assert read_message(content).message == received.message


@pytest.mark.parametrize("with_schemas", [True, False])
def test_each_rule_break_is_refused_with_the_rule_named(
    samples: Path, shared: Path, *, with_schemas: bool
) -> None:
    schemas = SchemaFolder(shared / "standards") if with_schemas else None
    found = {}
    for path in samples.glob("xsd-valid-rule-invalid/*.xml"):
        with pytest.raises(FormatError) as caught:
            read_message(path.read_bytes(), name=path.name, schemas=schemas)
        found[path.stem] = {issue.code for issue in caught.value.issues}

    assert found == BROKEN
