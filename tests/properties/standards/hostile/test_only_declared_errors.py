"""Whatever bytes come in, a reader returns a value or raises FormatError, in bounded time."""

import io
import random
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress

import pytest
from tests.factories.forms import OFFER, PERSON, REQUEST, filled
from tests.unit.standards.de.test_envelope import ENVELOPE
from tests.unit.standards.rm.test_acts import REQUEST as ACT
from tests.unit.standards.rm.test_acts import header

from passerelle.standards.de import read_envelope, write_envelope
from passerelle.standards.forms import Form, read_csv_form, read_workbook
from passerelle.standards.problems import FormatError
from passerelle.standards.rm import read_message, write_message
from passerelle.standards.rm.acts import message_of_act
from passerelle.standards.rm.drafts import draft_of_message

MESSAGE = write_message(message_of_act("request", ACT, header("request")))
DISTRIBUTION = write_envelope(ENVELOPE)
WORKBOOK = filled({Form.OFFERS: [OFFER], Form.PEOPLE: [PERSON]})
TABLE = b"animal,item,name,chip,vaccination,certificates,handler,from,to\nK1,C1,Rex,1,,,P1,x,y\n"


def mutated(content: bytes, seed: int) -> bytes:
    """Cut, double, overwrite or swap a few stretches."""
    chance = random.Random(seed)
    data = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(data) or 1)
        length = chance.randint(1, 40)
        match chance.randrange(4):
            case 0:
                del data[start : start + length]
            case 1:
                data[start:start] = data[start : start + length]
            case 2:
                data[start : start + 1] = chance.choice(
                    [b"<", b">", b"&", b'"', b"\x00", b"\xff", b"9", b"-", b"Z", b"=", b"&#0;"]
                )
            case _:
                other = chance.randrange(len(data) or 1)
                data[start : start + length] = data[other : other + length]
    return bytes(data)


def mutated_part(content: bytes, seed: int) -> bytes:
    """Change one part inside the archive, so that the archive itself is whole."""
    chance = random.Random(seed)
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        chosen = chance.choice(
            [name for name in old.namelist() if name.endswith((".xml", ".rels"))]
        )
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, mutated(part, seed) if name == chosen else part)
    return buffer.getvalue()


def open_message(content: bytes) -> None:
    draft_of_message(read_message(content).message)


def open_envelope(content: bytes) -> None:
    read_envelope(content)


def open_workbook(content: bytes) -> None:
    read_workbook(content, REQUEST, name="answer.xlsx")


def open_table(content: bytes) -> None:
    read_csv_form(content, Form.ANIMALS, REQUEST, name="animals.csv")


@pytest.mark.parametrize(
    ("read", "content", "change", "runs"),
    [
        (open_message, MESSAGE, mutated, 400),
        (open_envelope, DISTRIBUTION, mutated, 400),
        (open_workbook, WORKBOOK, mutated, 60),
        (open_workbook, WORKBOOK, mutated_part, 60),
        (open_table, TABLE, mutated, 400),
    ],
)
def test_a_mutated_input_raises_only_what_is_declared(
    read: Callable[[bytes], None],
    content: bytes,
    change: Callable[[bytes, int], bytes],
    runs: int,
) -> None:
    slowest = 0.0
    for seed in range(runs):
        started = time.process_time()
        with suppress(FormatError):
            read(change(content, seed))
        slowest = max(slowest, time.process_time() - started)

    assert slowest < 5
