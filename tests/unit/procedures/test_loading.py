"""A definition loads whole or not at all, and says where it is wrong."""

from __future__ import annotations

from importlib.resources import files

import pytest

from passerelle.kernel.problems import InputError, RefusedError
from passerelle.procedures.loading import DEFINITIONS, definition, load_definition

SOUND = (
    files("passerelle.procedures").joinpath("definitions").joinpath("information.toml")
).read_text("utf-8")


def complaints(text: str) -> set[tuple[str, str]]:
    with pytest.raises(InputError) as caught:
        load_definition(text, "x.toml")
    return {(issue.column, issue.code) for issue in caught.value.issues}


@pytest.mark.parametrize("name", DEFINITIONS)
def test_definition_of_the_product_is_sound(name: str) -> None:
    assert definition(name).id == name


def test_unknown_procedure_is_refused_with_the_known_ones() -> None:
    with pytest.raises(RefusedError, match="reinforcement"):
        definition("conquest")


def test_digest_changes_with_any_value() -> None:
    changed = SOUND.replace('FLASH = "1 hours"', 'FLASH = "2 hours"')

    assert load_definition(SOUND, "x.toml").digest != load_definition(changed, "x.toml").digest


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('en = "asked", ar', 'en = "", ar', ("states.asked.en", "definition.label")),
        (
            "[states]\n",
            '[states]\nlost = { fr = "perdu", en = "lost", ar = "ضائع" }\n',
            ("states.lost", "definition.unreachable"),
        ),
        (
            'from = ["dispositioned"]\nto = "closed"',
            'from = ["answered"]\nto = "closed"',
            ("states.dispositioned", "definition.dead-end"),
        ),
        (
            'guards = ["named-decider", "originator-control"]',
            'guards = ["named-decider"]',
            ("guards", "definition.missing-guard"),
        ),
        (
            'guards = ["answers-other-side"]',
            'guards = ["answers-nobody"]',
            ("acts.consent.guards", "definition.unknown-guard"),
        ),
        (
            'who = ["asker"]\nopens',
            'who = ["nobody"]\nopens',
            ("acts.ask.who", "definition.unknown-role"),
        ),
        (
            'who = ["asker"]\nopens',
            'who = ["asker", "answerer"]\nopens',
            ("acts.ask.who", "definition.sides"),
        ),
        ('to = "clarifying"', 'to = "nowhere"', ("acts.query.moves", "definition.unknown-state")),
        (
            'subject = "line"',
            'subject = "poem"',
            ("acts.ask.fields.subject", "definition.field-type"),
        ),
        (
            'subject = "line"',
            'colour = "line"',
            ("acts.ask.fields.colour", "definition.label"),
        ),
        (
            'owner = "answerer"\ncalendar = "asked"\neffect = "alert"\nfr = "prise en charge"',
            'owner = "answerer"\neffect = "alert"\nfr = "prise en charge"',
            ("deadlines.acknowledge.calendar", "definition.calendar"),
        ),
        (
            'effect = "alert"\nfr = "prise en charge"',
            'effect = "close"\nfr = "prise en charge"',
            ("deadlines.acknowledge.effect", "definition.effect"),
        ),
        ('family = "information"', 'family = "magic"', ("family", "definition.family")),
        (
            'publicity = "restricted"',
            'publicty = "restricted"',
            ("publicty", "definition.unknown-key"),
        ),
        (
            'asker = { side = "asking",',
            'asker = { side = "asking", timer = true,',
            ("acts.disposition.who", "definition.timer-decides"),
        ),
    ],
)
def test_unsound_definition_does_not_load_and_says_where(
    old: str, new: str, complaint: tuple[str, str]
) -> None:
    assert old in SOUND
    text = SOUND.replace(old, new)
    if complaint[1] == "definition.timer-decides":
        text = text.replace("dispositioned = {", "dispositioned = { outcome = true,")

    assert complaint in complaints(text)


def test_all_complaints_come_at_once() -> None:
    text = SOUND.replace('en = "asked", ar', 'en = "", ar').replace(
        'family = "information"', 'family = "m"'
    )

    assert {code for _, code in complaints(text)} >= {"definition.label", "definition.family"}


def test_file_that_is_no_toml_says_so() -> None:
    assert complaints("id = ") == {("", "definition.toml")}
