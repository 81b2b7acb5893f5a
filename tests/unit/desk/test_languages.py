"""The words of the pages are complete in French and Arabic."""

from __future__ import annotations

import re
from pathlib import Path

import polib
import pytest

DESK = Path(__file__).resolve().parents[3] / "src/passerelle/desk"
PLACES = re.compile(r"%\(\w+\)s|\{\w+\}|</?\w+>")
CATALOGUES = {
    language: polib.pofile(str(DESK / f"locale/{language}/LC_MESSAGES/django.po"))
    for language in ("fr", "ar")
}
FORMS = {"fr": 2, "ar": 6}


@pytest.mark.parametrize("language", CATALOGUES)
def test_nothing_is_missing_or_fuzzy(language: str) -> None:
    catalogue = CATALOGUES[language]

    assert [entry.msgid for entry in catalogue if not entry.translated()] == []
    assert catalogue.fuzzy_entries() == []
    assert catalogue.obsolete_entries() == []


@pytest.mark.parametrize("language", CATALOGUES)
def test_every_plural_has_all_forms(language: str) -> None:
    for entry in CATALOGUES[language]:
        if entry.msgid_plural:
            assert len([form for form in entry.msgstr_plural.values() if form]) == FORMS[language]


@pytest.mark.parametrize("language", CATALOGUES)
def test_places_of_values_are_kept(language: str) -> None:
    for entry in CATALOGUES[language]:
        wanted = sorted(PLACES.findall(entry.msgid))
        if entry.msgstr:
            assert sorted(PLACES.findall(entry.msgstr)) == wanted, entry.msgid
        # A form for none, one or two may say the number as a word.
        for text in entry.msgstr_plural.values():
            assert set(PLACES.findall(text)) <= set(wanted), entry.msgid


def _words_of_templates() -> set[str]:
    found = set()
    for path in (DESK / "templates").rglob("*.html"):
        text = path.read_text("utf-8")
        found |= set(re.findall(r"""{% translate "([^"]+)"(?: context "[^"]+")? %}""", text))
        found |= set(re.findall(r"""{% translate '([^']+)'(?: context "[^"]+")? %}""", text))
        for block in re.findall(
            r"{% blocktranslate[^%]*%}(.*?){% endblocktranslate %}", text, re.DOTALL
        ):
            for part in re.split(r"{% plural %}", block):
                words = re.sub(r"{{ (\w+) }}", r"%(\1)s", " ".join(part.split()))
                found.add(words)
    return found


@pytest.mark.parametrize("language", CATALOGUES)
def test_every_text_of_a_template_is_in_the_catalogue(language: str) -> None:
    known = {entry.msgid for entry in CATALOGUES[language]}
    known |= {entry.msgid_plural for entry in CATALOGUES[language]}

    assert sorted(_words_of_templates() - known) == []
