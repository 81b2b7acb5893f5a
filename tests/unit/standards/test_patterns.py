"""The swapped patterns accept what the published ones accept, in linear time."""

import itertools
import json
import re
import time
from pathlib import Path

import pytest

from passerelle.standards.patterns import LINEAR, linear_schema


@pytest.mark.parametrize("published", list(LINEAR))
def test_both_patterns_agree_on_every_short_text(published: str) -> None:
    alphabet = "aext-0" if published.endswith("ext$") else "a.-0" if r"\." in published else "a0-A"
    old, new = re.compile(published), re.compile(LINEAR[published])
    longest = 7 if len(alphabet) > 4 else 8

    texts = (
        "".join(text) for n in range(longest + 1) for text in itertools.product(alphabet, repeat=n)
    )
    differing = [text for text in texts if bool(old.search(text)) != bool(new.search(text))]

    assert differing == []


@pytest.mark.parametrize("published", list(LINEAR))
@pytest.mark.parametrize("hostile", ["a" * 10_000 + "!", "a." * 5_000 + "!", "a-" * 5_000 + "!"])
def test_ten_kilobytes_of_hostile_text_cost_little(published: str, hostile: str) -> None:
    pattern = re.compile(LINEAR[published])
    started = time.process_time()

    assert pattern.search(hostile) is None

    assert time.process_time() - started < 0.1


@pytest.mark.shared
def test_no_exponential_pattern_is_left_in_the_published_files(shared: Path) -> None:
    folders = [shared / "standards/stix-2.1/schemas", shared / "standards/fr-samu-hub/schemas"]
    texts = [
        json.dumps(linear_schema(json.loads(path.read_text("utf-8"))))
        for folder in folders
        for path in folder.rglob("*.json")
    ]

    assert len(texts) == 61
    for published in LINEAR:
        assert not any(json.dumps(published)[1:-1] in text for text in texts)
