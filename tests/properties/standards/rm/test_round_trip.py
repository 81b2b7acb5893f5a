"""Every message that the standard allows is written validly and read back the same."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.factories.rm_messages import messages

from passerelle.standards.rm import MessageType, find_breaches, read_message, write_message
from passerelle.standards.rm.tables import schema_file
from passerelle.standards.xml import SchemaFolder, SchemaSet, read_xml

QUICK = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.mark.parametrize("kind", list(MessageType))
@QUICK
@given(data=st.data())
def test_what_is_written_is_read_back_the_same(kind: MessageType, data: st.DataObject) -> None:
    message = data.draw(messages(kind))

    received = read_message(write_message(message))

    assert received.message == message
    assert [breach for breach in find_breaches(message) if not breach.is_warning] == []


@pytest.mark.shared
@pytest.mark.parametrize("kind", list(MessageType))
def test_what_is_written_is_valid_against_the_published_schema(
    kind: MessageType, shared: Path
) -> None:
    folder = SchemaFolder(shared / "standards")

    @QUICK
    @given(message=messages(kind))
    def holds(message: Any) -> None:
        root = read_xml(write_message(message), name="m")
        assert folder.check(root, SchemaSet.RM, schema_file(kind), name="m") == ()

    holds()
