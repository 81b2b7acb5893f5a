"""A few random histories on a real node.

``CASEWORK_HISTORIES`` asks for more, from ``CASEWORK_FIRST_SEED`` on; what they came to is added to the file that
``CASEWORK_RESULT`` names.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.simulators.node_histories import Counts, run

if TYPE_CHECKING:
    from tests.simulators.case_node import CaseNode

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

N_HISTORIES = int(os.environ.get("CASEWORK_HISTORIES", "6"))
FIRST = int(os.environ.get("CASEWORK_FIRST_SEED", "1"))


@pytest.mark.parametrize("seed", range(FIRST, FIRST + N_HISTORIES))
def test_no_path_leads_to_a_message_while_a_bar_stands(node: CaseNode, seed: int) -> None:
    counts = Counts()

    run(Random(seed), node, 18, counts)

    assert counts.tried
    _add(counts)


def _add(counts: Counts) -> None:
    if "CASEWORK_RESULT" not in os.environ:
        return
    path = Path(os.environ["CASEWORK_RESULT"])
    before = Counter(json.loads(path.read_text("utf-8")) if path.exists() else {})
    total = before + Counter({"histories": 1, "broken": 0} | asdict(counts))
    path.write_text(json.dumps({"broken": 0} | dict(total), indent=2) + "\n", "utf-8")
