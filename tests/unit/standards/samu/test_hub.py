import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from passerelle.standards.marks import CLEAR, Handling, MarkError, Status, Tlp
from passerelle.standards.patterns import linear_schema
from passerelle.standards.problems import FormatError
from passerelle.standards.rm.values import Answer
from passerelle.standards.samu import (
    Distribution,
    HubAnswer,
    HubKind,
    HubRefusal,
    HubRequest,
    HubStatus,
    read_distribution,
    write_distribution,
)

AT = datetime(2024, 8, 13, 8, 21, tzinfo=UTC)
REQUEST = HubRequest(
    "fr.fire.sdisA.case-1",
    "fr.fire.sdisA.cga.request.R1",
    AT,
    "SMUR",
    convention="DRSIS",
    deadline="DEL0",
    text="two teams",
)
ANSWER = HubAnswer(REQUEST.case_id, REQUEST.request_id, AT, HubStatus.PARTIAL, "30M", "one team")
SENT = Distribution(
    "fr.police.desk_1",
    "fr.police.desk",
    "fr.health.samuA",
    AT,
    AT,
    Status.EXERCISE,
    HubKind.REPORT,
    REQUEST,
)
MESSAGES = (
    REQUEST,
    replace(REQUEST, is_cancelled=True),
    ANSWER,
    HubRefusal(400, "BAD", "shape", "x"),
)


def schema(shared: Path, name: str) -> Any:
    content = json.loads(
        (shared / f"standards/fr-samu-hub/schemas/{name}.schema.json").read_text("utf-8")
    )
    del content["$id"]  # the published ids collide with one another and with the metaschema
    return linear_schema(content)


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_is_read_back_the_same(message: Any) -> None:
    sent = replace(SENT, message=message)

    assert read_distribution(write_distribution(sent, CLEAR)) == sent


@pytest.mark.shared
@pytest.mark.parametrize(
    ("message", "name"),
    [(REQUEST, "RS-DR"), (ANSWER, "RS-RR"), (HubRefusal(400, "BAD", "shape", "x"), "RS-ERROR")],
)
def test_what_is_written_passes_the_published_schemas(
    message: Any, name: str, shared: Path
) -> None:
    document = json.loads(write_distribution(replace(SENT, message=message), CLEAR))
    (inside,) = document["content"][0]["jsonContent"]["embeddedJsonContent"]["message"].values()

    jsonschema.Draft7Validator(schema(shared, "EDXL-DE-envelope-only")).validate(document)
    jsonschema.Draft7Validator(schema(shared, name)).validate(inside)


@pytest.mark.shared
def test_the_published_examples_are_read_in_an_envelope(shared: Path) -> None:
    document = json.loads(write_distribution(SENT, CLEAR))
    read = []
    for path in sorted((shared / "standards/fr-samu-hub/examples").glob("RS-*.json")):
        embedded = document["content"][0]["jsonContent"]["embeddedJsonContent"]
        embedded["message"] = json.loads(path.read_text("utf-8"))
        read.append(read_distribution(json.dumps(document).encode(), name=path.name).message)

    assert len(read) == 8
    assert {type(message) for message in read} == {HubRequest, HubAnswer}


def test_only_clear_and_green_leave_and_no_test() -> None:
    for handling in (Handling(tlp=Tlp.AMBER), Handling(tlp=Tlp.GREEN, marks=("H1",))):
        with pytest.raises(MarkError, match="carries no handling"):
            write_distribution(SENT, handling)
    with pytest.raises(MarkError, match="knows no test"):
        write_distribution(replace(SENT, status=Status.TEST), CLEAR)


def test_answers_mean_what_edxl_rm_says() -> None:
    assert [status.answer for status in HubStatus] == [
        Answer.ACCEPT,
        Answer.PROVISIONAL,
        Answer.DECLINE,
        Answer.PROVISIONAL,
    ]


def test_a_partial_answer_needs_a_deadline() -> None:
    with pytest.raises(ValueError, match="deadline in a partial answer"):
        replace(ANSWER, deadline="")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"SMUR"', '"TAXI"'),
        ('"Exercise"', '"Test"'),
        ("2024-08-13T08:21:00+00:00", "2024-08-13T08:21:00Z"),
        ('"purpose"', '"extra":1,"purpose"'),
        ('"caseId":"fr.fire.sdisA.case-1"', '"caseId":"x"'),
        ('"hubex"', '"mail"'),
        ('"explicitAddressValue":"fr.health.samuA"', '"explicitAddressValue":1'),
        ('"message":{', '"message":{"other":{},'),
        ('"language":"fr-FR"', '"language":"fr-FR","language":"fr-FR"'),
        ('"DRSIS"', "NaN"),
    ],
)
def test_what_is_not_the_profile_is_refused(old: str, new: str) -> None:
    content = write_distribution(SENT, CLEAR).decode()
    assert old in content

    with pytest.raises(FormatError):
        read_distribution(content.replace(old, new).encode())


def test_a_hostile_case_id_costs_little() -> None:
    content = write_distribution(SENT, CLEAR).replace(b"fr.fire.sdisA.case-1", b"a" * 10_000 + b"!")
    started = time.process_time()

    with pytest.raises(FormatError):
        read_distribution(content)

    assert time.process_time() - started < 0.1


def test_deep_json_is_refused() -> None:
    with pytest.raises(FormatError):
        read_distribution(b'{"a":' * 100_000 + b"1" + b"}" * 100_000)
