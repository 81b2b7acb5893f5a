"""The words of fields and codes in three languages, so that any page can be made from a definition.

Data: ``definitions/vocabulary.toml``. A field or a code has one name and one label wherever it stands.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from passerelle.kernel.labels import Labels

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Vocabulary", "vocabulary"]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Hold the labels of fields and codes.

    Parameters
    ----------
    fields, codes
        Labels by name.
    """

    fields: Mapping[str, Labels]
    codes: Mapping[str, Labels]


@cache
def vocabulary() -> Vocabulary:
    """Return the words that come with the product."""
    text = files("passerelle.procedures").joinpath("definitions/vocabulary.toml").read_text("utf-8")
    document = tomllib.loads(text)

    def read(table: str) -> dict[str, Labels]:
        return {name: Labels(fr=fr, en=en, ar=ar) for name, (fr, en, ar) in document[table].items()}

    return Vocabulary(read("fields"), read("codes"))
