"""Conditions of the roll day by day, and who must be replaced."""

from __future__ import annotations

from datetime import date, datetime

from tests.factories.dossiers import cleared, committed, item, person

from passerelle.kernel.times import parse_instant
from passerelle.procedures.reinforcement.outlook import Stretch, outlooks, replacements_owed
from passerelle.procedures.reinforcement.particulars import particulars, travels
from passerelle.procedures.reinforcement.roll import missing_for_duty

MIDWAY = parse_instant("2024-07-28T08:00:00Z")


def test_a_certificate_that_ends_mid_event_bites_on_the_days_after_its_end() -> None:
    talk = cleared(certificates=["eod-2"])
    talk.say("certify", holder="P1", certificate="eod-2", valid_until="2024-07-28")

    assert outlooks(talk.now_dossier)["P1"] == (
        Stretch(date(2024, 7, 24), date(2024, 7, 28), ()),
        Stretch(date(2024, 7, 29), date(2024, 8, 1), ("certificate eod-2",)),
    )
    talk.say("certify", holder="P1", certificate="eod-2", valid_until="2024-08-31")
    (whole,) = outlooks(talk.now_dossier)["P1"]
    assert (whole.missing, whole.n_days) == ((), 9)


def test_who_is_named_with_a_weapon_needs_a_permit_for_it() -> None:
    talk = committed()
    talk.say("name", persons_named=[person("P1", weapon_number="W1"), person("P2")])
    for code in ("P1", "P2"):
        talk.say("vet", person=code, result="cleared")
        talk.say("accredit", person=code, number_of_badge=code, valid_until="2024-09-01")
    talk.say("brief", persons=["P1", "P2"], on="2024-07-20", language="fr", rule_card="RC")

    assert missing_for_duty(talk.now_dossier, "P1", MIDWAY) == ("certificate weapon-permit",)
    assert missing_for_duty(talk.now_dossier, "P2", MIDWAY) == ()
    talk.say("certify", holder="P1", certificate="weapon-permit", valid_until="2024-08-31")
    assert missing_for_duty(talk.now_dossier, "P1", MIDWAY) == ()


def test_a_briefing_counts_only_in_a_language_that_the_person_speaks() -> None:
    talk = committed()
    speaks = [{"language": "ar", "level_of_language": "native"}]
    talk.say("name", persons_named=[person("P1", languages=speaks)])
    talk.say("vet", person="P1", result="cleared")
    talk.say("accredit", person="P1", number_of_badge="B1", valid_until="2024-09-01")
    talk.say("brief", persons=["P1"], on="2024-07-20", language="fr", rule_card="RC")

    assert missing_for_duty(talk.now_dossier, "P1", MIDWAY) == ("briefing-language",)
    talk.say("brief", persons=["P1"], on="2024-07-21", language="ar", rule_card="RC")
    assert missing_for_duty(talk.now_dossier, "P1", MIDWAY) == ()


def test_a_no_show_is_owed_until_replaced() -> None:
    talk = committed()
    talk.say("name", persons_named=[person("P1"), person("P2")])
    talk.say("no-show", person="P2", at="2024-07-24T20:00:00Z")

    assert replacements_owed(talk.now_dossier) == ("P2",)
    talk.say("replace", person="P2", substitute=person("P3"), reason="ill")
    assert replacements_owed(talk.now_dossier) == ()
    assert set(particulars(talk.now_dossier)) == {"P1", "P2", "P3"}


def test_the_newest_travel_booked_counts() -> None:
    talk = committed(**{key: item()[key] for key in ("posts",)})
    talk.say("name", persons_named=[person("P1")])
    for hour in (10, 14):
        talk.say("book-travel", persons=["P1"], arrives_at=f"2024-07-23T{hour}:00:00Z", place="CDG")

    found = travels(talk.now_dossier)["P1"]

    assert found.arrives_at == datetime.fromisoformat("2024-07-23T14:00:00+00:00")
    assert (found.place, found.departs_at) == ("CDG", None)


def test_after_erasure_nothing_more_is_said_but_that_the_partner_erased_too() -> None:
    talk = committed()
    talk.say("end")
    fields = {"erasure_ground": "purpose-ended", "counts_digest": "a" * 64}
    talk.say("erase", **fields)

    assert talk.state == "erased"
    talk.say("erase-partner", **fields)
    assert talk.state == "erased"
    assert talk.refusal("review", facts="f", lesson="l", owner="o", due_on="2024-12-01").startswith(
        "act."
    )
