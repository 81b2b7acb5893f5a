"""The same words in the three languages of the product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LANGUAGES", "Labels"]

LANGUAGES: Final = ("fr", "en", "ar")


@dataclass(frozen=True, slots=True)
class Labels:
    """Hold one text in French, English and Arabic; none may be empty.

    Parameters
    ----------
    fr, en, ar
        The texts.

    Raises
    ------
    ValueError
        When one of them is empty.
    """

    fr: str
    en: str
    ar: str

    def __post_init__(self) -> None:
        for language in LANGUAGES:
            if not getattr(self, language).strip():
                raise ValueError(f"Expected a label in {language!r}, got none.")

    @classmethod
    def from_mapping(cls, texts: Mapping[str, object]) -> Labels:
        """Read ``{"fr": …, "en": …, "ar": …}``; anything else is refused.

        Raises
        ------
        ValueError
            When a language is missing, unknown or not text.
        """
        if set(texts) != set(LANGUAGES):
            raise ValueError(f"Expected labels in fr, en and ar, got {sorted(texts)}.")
        if not all(isinstance(text, str) for text in texts.values()):
            raise ValueError("Expected labels to be text.")
        return cls(fr=str(texts["fr"]), en=str(texts["en"]), ar=str(texts["ar"]))

    def get(self, language: str) -> str:
        """Return the text in ``language`` (``fr-MA`` counts as ``fr``); English when unknown."""
        short = language.split("-", maxsplit=1)[0].lower()
        return str(getattr(self, short)) if short in LANGUAGES else self.en
