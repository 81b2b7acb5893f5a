"""One test or more for each safeguard that is a rule of the fold; the number is in the name.

``tools/safeguards_red.py`` removes each guard on a copy and shows the tests of its number red.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from itertools import product
from random import Random
from typing import Any

import pytest
from tests.factories.dossiers import START, Talk, procedure
from tests.factories.files import (
    CORRIDOR,
    PROFILE,
    decision,
    envelope,
    file,
    gates,
    in_verification,
    prepare,
    ready,
    recognised,
    requested_document,
    sending,
    sent,
    travel,
    with_profile,
)

from passerelle.kernel.canonical import canonical_bytes
from passerelle.kernel.problems import InputError
from passerelle.procedures.casework.detention import detention_clock
from passerelle.procedures.content import find_forbidden
from passerelle.procedures.deadlines import due
from passerelle.procedures.definition import Reach
from passerelle.procedures.dossier import Dossier
from passerelle.procedures.engine import allowed, apply, fold
from passerelle.procedures.envelope import ENVELOPE_FIELDS
from passerelle.procedures.loading import DEFINITIONS, definition, load_definition
from passerelle.procedures.profile import Corridor, Suspension
from passerelle.procedures.rulepacks import rule_packs
from passerelle.procedures.sharing import find_leak, shared_view, shown_state, to_shared
from passerelle.procedures.values import DeadlineStatus

IDENTIFICATION = definition("identification")
HOLDS: list[tuple[str, dict[str, Any]]] = [
    ("hold", {"role_": role, "reason_code": reason})
    for role, reason in product(
        ("case-officer", "safeguard-officer", "court", "counsel"),
        ("ordinary", "gate", "appeal", "illness", "family", "release", "corridor", "other"),
    )
] + [
    ("raise-bar", {"bar": bar, "on": "2024-05-01"})
    for bar in ("protection", "court-order", "minor", "refugee", "illness", "family-life")
] + [
    ("state-fear", {"role_": "counsel", "way": way})
    for way in ("button", "phone-note", "paper-scan")
] + [
    ("bar", {"legal_basis": "Article 33"}),
    ("withdraw", {"reason_code": "appeal"}),
    ("record-release", {"on": "2024-05-01"}),
]  # fmt: skip


def contacts(talk: Talk) -> list[str]:
    """Name the acts that could say something of the person to the other state now."""
    neutral = {"request-deletion", "close", "erase"}
    found = []
    for role in talk.procedure.definition.roles.values():
        if role.side != "requesting":
            continue
        found += [
            one.rule.name
            for one in allowed(talk.now_dossier, role.name, "requesting", talk.now)
            if one.is_allowed
            and one.rule.reach is Reach.SHARED
            and one.rule.shown_as == one.rule.name
            and one.rule.name not in neutral
        ]
    return found


@pytest.mark.parametrize("seed", range(60))
def test_s01_no_history_leads_to_a_message_while_protection_is_open(seed: int) -> None:
    rng = Random(seed)
    talk = rng.choice((file, ready, sent, in_verification, recognised))()
    talk.say("raise-bar", bar="protection", on="2024-05-01")
    before = len(talk.now_dossier.steps)

    for _ in range(25):
        rule = rng.choice(list(talk.procedure.definition.acts.values()))
        if rule.name == "clear-bar":
            continue
        fields = _any_fields(talk, rule.name)
        result = talk.try_(rule.name, role_=rng.choice(rule.who), **fields)
        if isinstance(result, Dossier):
            talk.dossier = result
            talk.acts.append(result.steps[-1].act)
        talk.now += timedelta(hours=5)

    outgoing = [to_shared(IDENTIFICATION, step) for step in talk.now_dossier.steps[before:]]
    said = {act.name for act in outgoing if act is not None and act.side == "requesting"}
    assert said <= {"pause", "request-deletion", "close", "erase"}
    assert contacts(talk) == []


def test_s01_bar_recorded_in_the_draft_stops_the_sending() -> None:
    talk = file()
    talk.say("raise-bar", bar="protection", on="2024-04-22")
    talk.say("submit")
    talk.say("review", gates=gates())

    assert talk.refusal("send", **sending(talk)) == "person.bar"
    assert contacts(talk) == []


def _any_fields(talk: Talk, name: str) -> dict[str, Any]:
    made: dict[str, dict[str, Any]] = {
        "review": {"gates": gates(talk.now.date())},
        "review-again": {"gates": gates(talk.now.date())},
        "send": sending(talk),
        "send-again": sending(talk),
        "hold": {"reason_code": "ordinary"},
        "lift": {"reason": "reviewed"},
        "bar": {"legal_basis": "Article 33"},
        "withdraw": {"reason_code": "ordinary"},
        "state-fear": {"way": "button"},
        "note-deadline": {"clause_article": "Article 4", "cure_until": "2024-12-01"},
        "declare-no-reply": {"cut_off": "2024-12-31"},
        "rectify": {"correction": {"corrected_field": "names", "corrected_name": "Exemple"}},
        "close": {"balance": "W"},
        "record-detention": {"started_on": "2024-05-01"},
    }
    return made.get(name, {})


def test_s02_nothing_national_is_in_what_leaves() -> None:
    canary = "asylum-canary"
    for name in DEFINITIONS:
        found = definition(name)
        for rule in found.acts.values():
            shown = shared_view(found).acts.get(rule.shown_as)
            if rule.reach is Reach.NATIONAL:
                assert rule.name not in shared_view(found).acts
            elif shown is not None:
                assert not set(shown.schema.fields) & set(rule.national_fields)
    talk = in_verification()
    talk.say("raise-bar", bar="protection", on="2024-05-01", decision_reference=canary)
    leaving = [to_shared(IDENTIFICATION, step) for step in talk.now_dossier.steps]
    assert any(canary in str(step.act.payload) for step in talk.now_dossier.steps)
    assert not any(canary in str(act.payload) for act in leaving if act is not None)
    assert not any("protection" in str(act.payload) for act in leaving if act is not None)


def test_s02_last_check_before_release_stops_what_is_national() -> None:
    bar = {"bar": "protection", "on": "2024-05-01"}
    talk = ready()

    for name, payload in (
        ("raise-bar", bar),
        ("prepare", prepare()),
        ("hold", {}),
        ("send", sending(talk)),
        ("unknown", {}),
    ):
        assert find_leak(IDENTIFICATION, name, payload) is not None
    clean = {key: value for key, value in sending(talk).items() if key != "notice"}
    assert find_leak(IDENTIFICATION, "send", clean) is None
    assert find_leak(IDENTIFICATION, "pause", {}) is None


@pytest.mark.parametrize(("name", "fields"), HOLDS)
def test_s03_every_pause_has_the_same_bytes(name: str, fields: dict[str, Any]) -> None:
    talk = in_verification()
    talk.say(name, **fields)

    act = to_shared(IDENTIFICATION, talk.now_dossier.steps[-1])

    assert act is not None
    assert (act.name, act.role, act.person, act.re) == ("pause", "case-officer", "", ())
    assert canonical_bytes(dict(act.payload)) == b"{}"
    assert shown_state(IDENTIFICATION, talk.state) == "paused"


def test_s03_bar_after_a_hold_says_nothing_more() -> None:
    talk = in_verification()
    talk.say("hold", reason_code="ordinary")

    for name, fields in (
        ("raise-bar", {"bar": "protection", "on": "2024-05-01"}),
        ("bar", {"legal_basis": "Article 33"}),
        ("withdraw", {"reason_code": "ordinary"}),
    ):
        talk.say(name, **fields)
        assert to_shared(IDENTIFICATION, talk.now_dossier.steps[-1]) is None


def test_s04_no_request_before_the_decision_is_enforceable() -> None:
    assert file(enforceable_on="2024-12-01").refusal("submit") == "person.not-enforceable"
    missing = {key: value for key, value in prepare().items() if key != "enforceable_on"}
    talk = Talk(procedure("identification", CORRIDOR, rule_packs("FR")))
    assert talk.refusal("prepare", **missing) == "act.fields"


@pytest.mark.parametrize("role", [role for role in IDENTIFICATION.roles if role != "court"])
def test_s05_nobody_but_the_court_lifts_its_order(role: str) -> None:
    talk = in_verification()
    talk.say("raise-bar", role_="court", bar="court-order", on="2024-05-01")
    fields = {"bar": "court-order", "decision_reference": "SYN-1", "final": True}

    assert talk.refusal("clear-bar", role_=role, **fields) in {
        "person.court-only", "act.wrong-office",
    }  # fmt: skip
    assert talk.refusal("lift", role_="safeguard-officer", reason="x") == "person.bar"
    assert contacts(talk) == []


def test_s05_order_stands_even_when_the_hold_was_lifted_before() -> None:
    talk = in_verification()
    talk.say("hold", reason_code="ordinary")
    talk.say("lift", reason="reviewed")
    talk.say("raise-bar", role_="court", bar="court-order", on="2024-05-01")

    assert talk.state == "held"
    assert talk.refusal("lift", reason="again") == "person.bar"


@pytest.mark.parametrize(
    ("born_on", "doubt", "is_barred"),
    [
        ("2006-04-23", False, True),
        ("2006-04-22", False, False),
        ("1990-01-01", True, True),
    ],
)
def test_s06_minor_and_age_in_doubt_are_barred(
    born_on: str,
    doubt: bool,  # noqa: FBT001 - a parameter of the table
    is_barred: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    talk = file(born_on=born_on, age_in_doubt=doubt)
    talk.say("submit")

    result = talk.try_("review", gates=gates())

    assert isinstance(result, Dossier) is not is_barred
    if is_barred:
        assert result.code == "person.minor"


def test_s06_claim_to_be_a_minor_holds_the_file_at_once() -> None:
    talk = in_verification()
    talk.say("raise-bar", role_="counsel", bar="minor", on="2024-05-01")

    assert talk.state == "held"
    assert contacts(talk) == []


@pytest.mark.parametrize(
    "status",
    [
        "refugee",
        "subsidiary-protection",
        "temporary-protection",
        "stateless",
        "free-movement-family",
    ],
)
def test_s07_each_protective_status_bars_and_ends_only_by_a_final_decision(status: str) -> None:
    talk = file()
    talk.say("raise-bar", bar=status, on="2024-05-01")
    talk.say("submit")
    talk.say("review", gates=gates())

    assert talk.refusal("send", **sending(talk)) == "person.bar"
    assert talk.refusal("clear-bar", role_="court", bar=status) in {"act.fields", "act.out-of-turn"}
    rule = IDENTIFICATION.acts["clear-bar"]
    assert rule.schema.required == {"bar", "decision_reference", "final"}


def test_s08_check_must_be_there_green_and_fresh_before_the_first_contact() -> None:
    talk = file()
    talk.say("submit")
    old = gates(START.date() - timedelta(days=120))

    assert talk.refusal("review", gates=old) == "gates.too-old"
    talk.say("review", gates=gates())
    talk.now += timedelta(hours=80)
    assert talk.refusal("send", **sending(talk)) == "gates.too-old"


def test_s08_after_a_hold_nothing_resumes_without_a_new_review() -> None:
    talk = in_verification()
    talk.say("hold", reason_code="ordinary")
    talk.say("lift", reason="reviewed")

    assert talk.refusal("resume") == "gates.incomplete"
    talk.say("review-again", gates=gates(talk.now.date()))
    talk.now += timedelta(days=100)
    assert talk.refusal("resume") == "gates.too-old"


def test_s08_not_recognised_closes_only_after_the_statelessness_referral() -> None:
    talk = in_verification()
    talk.say("not-recognise", **decision(reasons_code="no-entry"))

    assert talk.refusal("close", balance="N") == "person.no-referral"
    talk.say("refer-statelessness")
    talk.say("close", balance="N")


def test_s09_care_flag_leaves_only_with_express_consent() -> None:
    talk = ready()
    flagged = envelope(assistance_needed=True)

    assert talk.refusal("send", **sending(talk, flagged)) == "person.no-consent"
    talk.say("record-care-consent", role_="counsel", express=True, on="2024-04-22")
    talk.say("revoke-consent", role_="counsel")
    assert talk.refusal("send", **sending(talk, flagged)) == "person.no-consent"
    talk.say("record-care-consent", role_="counsel", express=True, on="2024-04-22")
    talk.say("send", **sending(talk, flagged))


@pytest.mark.parametrize(
    "changes",
    [{"S10": {"reasons": "ok"}}, {"S10": {"reasons": gates()[0]["reasons"]}}],
    ids=["empty", "copied"],
)
def test_s10_empty_or_copied_reasons_are_refused(changes: dict[str, Any]) -> None:
    talk = file()
    talk.say("submit")

    assert talk.refusal("review", gates=gates(START.date(), **changes)) == "gates.reasons"


def test_s10_reasons_of_another_file_are_refused() -> None:
    other = ready()
    talk = Talk(
        replace(
            procedure("identification", CORRIDOR, rule_packs("FR")),
            related=(replace(other.now_dossier, case="other"),),
        )
    )
    talk.say("prepare", **prepare(person="SYN-person-2"))
    talk.say("submit")

    assert talk.refusal("review", gates=gates()) == "gates.reasons"


@pytest.mark.parametrize(
    "extra",
    [
        "offence", "dangerous", "religion", "ethnicity", "health", "photo", "fingerprint", "parents",
        "spouse", "children", "address", "route", "remarks", "attachment", "language_test",
    ],
)  # fmt: skip
def test_s11_field_that_is_not_on_the_list_cannot_be_sent(extra: str) -> None:
    talk = ready()

    assert talk.refusal("send", **sending(talk, envelope(**{extra: "x"}))) == "act.fields"


def test_s11_nested_objects_are_closed_too() -> None:
    talk = ready()
    rows = [{"document_code": "A1", "number_of_document": "SYN123", "scan": "x"}]

    assert talk.refusal("send", **sending(talk, envelope(documents=rows))) == "act.fields"


@pytest.mark.parametrize(
    "changes",
    [
        {"birth_date": "2030-01-01"},
        {"birth_date": "1991-01-01"},
        {"corridor": "fr-xx"},
        {"nationality_claimed": "DZ"},
    ],
)
def test_s11_envelope_must_fit_the_file(changes: dict[str, Any]) -> None:
    talk = ready()

    assert talk.refusal("send", **sending(talk, envelope(**changes))) == "envelope.misfit"


FORBIDDEN = [
    "FMR\x00 20\x00", "Rk1SACAyMAABAgMEBQYHCAkKCwwN", "464d520020323000000000000000",
    "data:image/png;base64,iVBORw0KGgo", "/9j/4AAQSkZJRgABAQAAAQABAAD", "A" * 120, "ab" * 60,
    "JVBERi0xLjcKJeLjz9MKMSAwIG9iago8", "1.001:00123\x1d",
]  # fmt: skip


@pytest.mark.parametrize("text", FORBIDDEN)
def test_s12_s15_file_or_template_is_found_in_any_field(text: str) -> None:
    assert find_forbidden({"birth_place": text}) is not None
    assert find_forbidden({"documents": [{"authority": text}]}) is not None


@pytest.mark.parametrize("place", ["birth_place", "names"])
def test_s12_s15_no_text_field_of_the_envelope_takes_a_template(place: str) -> None:
    talk = ready()
    for text in FORBIDDEN:
        fields = sending(talk, envelope(**{place: text}))
        assert talk.refusal("send", **fields) in {"act.fields", "content.forbidden"}


@pytest.mark.parametrize("text", FORBIDDEN[1:4])
def test_s12_s15_template_in_a_field_of_reasons_is_refused(text: str) -> None:
    talk = file()
    talk.say("submit")
    changed = {"S10": {"reasons": f"{text}"}}

    assert talk.refusal("review", gates=gates(START.date(), **changed)) == "content.forbidden"


def test_s12_s15_ordinary_words_and_digests_pass() -> None:
    fields = {
        "a": "Préfecture de police",
        "b": "f" * 64,
        "c": "عبوة مشبوهة",
        "d": "SYN-2024-000123",
    }

    assert find_forbidden(fields) is None


def _paths(document: Any, prefix: str = "") -> set[str]:
    found = set()
    for name, rule in document.get("properties", {}).items():
        found.add(prefix + name)
        found |= _paths(rule.get("items", rule), f"{prefix}{name}.")
    return found


def test_s13_s14_envelope_is_the_closed_list_and_holds_no_free_text() -> None:
    document = IDENTIFICATION.acts["send"].schema.document["properties"]["envelope"]

    assert _paths(document) == ENVELOPE_FIELDS
    words = ("offence", "crime", "danger", "religio", "ethnic", "opinion", "health", "sexual")
    assert not any(word in path for path in ENVELOPE_FIELDS for word in words)
    assert '"maxLength": 4000' not in str(document).replace("'", '"')


def test_s15_no_library_for_biometrics_is_a_dependency() -> None:
    locks = files("passerelle").joinpath("../../requirements/base.txt").read_text("utf-8").lower()

    for name in (
        "opencv",
        "face-recognition",
        "dlib",
        "deepface",
        "insightface",
        "facenet",
        "mediapipe",
    ):
        assert f"\n{name}" not in f"\n{locks}"


def test_s16_clock_enters_no_outcome() -> None:
    for name in DEFINITIONS:
        found = definition(name)
        for rule in found.acts.values():
            if any(found.roles[role].is_timer for role in rule.who):
                targets = {
                    found.states[to].is_outcome for to in rule.moves.values() if to in found.states
                }
                assert targets <= {False}
    source = (
        files("passerelle.procedures")
        .joinpath("definitions/identification.toml")
        .read_text("utf-8")
    )
    wrong = source.replace(
        '[acts.declare-no-reply]\nwho = ["approver"]', '[acts.declare-no-reply]\nwho = ["clock"]'
    )
    wrong = wrong.replace("no-reply = { fr", "no-reply = { outcome = true, fr")
    with pytest.raises(InputError) as caught:
        load_definition(wrong, "x.toml")
    assert "definition.timer-decides" in {issue.code for issue in caught.value.issues}


def test_s16_passing_every_deadline_changes_no_state() -> None:
    talk = in_verification()
    years = talk.now + timedelta(days=2000)

    assert any(one.status is DeadlineStatus.PASSED for one in due(talk.now_dossier, years))
    assert fold("case", talk.procedure, talk.acts).state == "in-verification"


def silent() -> Talk:
    talk = in_verification()
    talk.now += timedelta(days=60)
    return talk


def test_s17_deemed_acceptance_is_a_marker_with_article_notice_and_cure_period() -> None:
    talk = silent()
    assert in_verification().refusal("mark-deadline", person_="") == "silence.not-passed"

    talk.say("mark-deadline", person_="")
    assert talk.state == "in-verification"
    assert talk.refusal("note-deadline", clause_article="Article 9", cure_until="2024-12-01") == (
        "silence.article"
    )
    soon = (talk.now + timedelta(days=1)).date().isoformat()
    assert talk.refusal("note-deadline", clause_article="Article 4", cure_until=soon) == (
        "silence.cure-short"
    )
    talk.say("note-deadline", clause_article="Article 4", cure_until="2024-07-30")
    assert talk.refusal("declare-no-reply", cut_off="2024-12-31") == "silence.cure-running"
    assert "recognised" not in {step.after for step in talk.now_dossier.steps}


def test_s17_no_document_follows_from_silence() -> None:
    talk = silent()
    talk.say("mark-deadline", person_="")
    document = travel(talk)

    code = document.refusal(
        "request-document", identification="case", transfer_basis="adequate safeguards 2024"
    )

    assert code == "person.not-recognised"


def test_s18_silence_leads_to_its_own_state_only() -> None:
    targets = {
        to
        for name in ("mark-deadline", "note-deadline", "declare-no-reply")
        for to in IDENTIFICATION.acts[name].moves.values()
    }

    assert targets == {"=", "no-reply"}
    assert not IDENTIFICATION.states["no-reply"].is_outcome
    talk = silent()
    assert talk.refusal("declare-no-reply", cut_off="2024-12-31") == "silence.cure-running"


@pytest.mark.parametrize("basis", [["B1"], ["B1", "B2", "B3"], ["B6"]])
def test_s19_prima_facie_evidence_alone_never_recognises(basis: list[str]) -> None:
    talk = in_verification()

    assert talk.refusal("recognise", basis=basis, **decision()) == "person.prima-facie-only"


def test_s19_one_code_may_be_proof_in_one_corridor_and_prima_facie_in_another() -> None:
    other = with_profile(
        proof=frozenset({"A1", "A2"}), prima_facie=frozenset({"A5", "B1", "B2", "B3"})
    )

    in_verification().say("recognise", basis=["A5"], **decision())
    assert in_verification(other).refusal("recognise", basis=["A5"], **decision()) == (
        "person.prima-facie-only"
    )


def test_s21_parts_do_not_know_each_other() -> None:
    root = files("passerelle.procedures")
    for path in ("guards/cooperation.py",):
        folder = root.joinpath(path)
        sources = (
            [folder]
            if folder.is_file()
            else [one for one in folder.iterdir() if one.name.endswith(".py")]
        )
        for source in sources:
            text = source.read_text("utf-8")
            assert "guards.identification" not in text
            assert "procedures.envelope" not in text
    judicial = _paths(
        {
            "properties": {
                name: rule.schema.document for name, rule in definition("judicial").acts.items()
            }
        }
    )
    assert not {path.rsplit(".", 1)[-1] for path in judicial} & (ENVELOPE_FIELDS - {"reference"})


def test_s22_person_is_informed_first_with_the_exact_copy() -> None:
    talk = ready()
    late = (talk.now + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")

    assert talk.refusal("send", **sending(talk, delivered_at=late)) == "person.not-informed"
    assert talk.refusal("send", **sending(talk, payload_hash="0" * 64)) == "person.other-copy"


def interview(**notice: Any) -> Talk:
    talk = Talk(procedure("joint-interview", CORRIDOR, rule_packs("FR")))
    talk.say(
        "propose", identification="case", setting="place", place="Prefecture",
        starts_at="2024-05-02T09:00:00Z", official_visitor="Consul 3", official_host="Officer 9",
    )  # fmt: skip
    talk.say("recheck", gates=[gate for gate in gates() if gate["gate"] == "S8"])
    fields = {
        "delivered_at": "2024-04-22T10:00:00Z",
        "language": "ar",
        "information_sheet": True,
        "lawyer_informed_at": "2024-04-22T10:00:00Z",
        "interpreter_from": "independent",
    }
    talk.say("notice", **(fields | notice))
    return talk


MET = {"lawyer_possible": True, "host_official_present": True, "nationality_only": True}


def test_s23_lawyer_told_too_late_no_interview() -> None:
    talk = interview(lawyer_informed_at="2024-05-01T09:00:00Z")

    assert talk.refusal("confirm", **MET) == "interview.notice"


@pytest.mark.parametrize("missing", list(MET))
def test_s42_interview_needs_every_condition(missing: str) -> None:
    interview().say("confirm", **MET)
    assert interview().refusal("confirm", **(MET | {missing: False})) == "interview.condition"


def test_s42_interpreter_is_not_of_the_visiting_team_and_s8_comes_first() -> None:
    assert interview(interpreter_from="visitor").refusal("confirm", **MET) == "interview.condition"
    talk = interview()
    kept = tuple(step for step in talk.now_dossier.steps if step.act.name != "recheck")
    talk.dossier = replace(talk.now_dossier, steps=kept)
    assert talk.refusal("confirm", **MET) == "gates.incomplete"


def rights() -> Talk:
    talk = Talk(procedure("rights-request"))
    talk.say("receive", file="case", right="rectification")
    talk.say("check-identity")
    talk.say("start-review", file="case", right="rectification")
    return talk


def test_s24_one_month_and_two_more_with_reasons_in_time() -> None:
    talk = rights()
    clock = next(one for one in due(talk.now_dossier, talk.now) if one.name == "answer")

    assert clock.due.date() == date(2024, 5, 22)
    assert talk.refusal("extend", until="2024-06-30") == "act.fields"
    assert talk.refusal("extend", until="2024-12-31", reasons="Many files.") == "rights.extension"
    talk.now += timedelta(days=40)
    assert talk.refusal("extend", until="2024-07-01", reasons="Many files.") == "rights.extension"


def test_s25_correction_must_be_acknowledged_by_the_partner() -> None:
    talk = rights()
    talk.say("send-correction", file="case", measure="rectify")
    talk.say(
        "answer", answer_code="granted", reasons="The name was wrong.", legal_basis="Article 16",
        remedy_body="Authority",
    )  # fmt: skip

    assert talk.refusal("close") == "rights.unacknowledged"
    late = talk.now + timedelta(days=40)
    overdue = {
        one.name for one in due(talk.now_dossier, late) if one.status is DeadlineStatus.PASSED
    }
    assert "acknowledge-correction" in overdue
    talk.say("acknowledge-correction")
    talk.say("close")


@pytest.mark.parametrize("missing", ["official", "authority", "legal_basis", "reasons_code"])
@pytest.mark.parametrize(
    "name", ["not-recognise", "find-inconclusive", "suspect-other-nationality"]
)
def test_s28_outcome_names_decider_authority_reasons_and_basis(name: str, missing: str) -> None:
    code = IDENTIFICATION.acts[name].schema.document["properties"]["reasons_code"]["enum"][0]
    fields = {key: value for key, value in decision(reasons_code=code).items() if key != missing}

    assert in_verification().refusal(name, **fields) == "act.fields"
    assert in_verification().refusal(name, person_="", **decision(reasons_code=code)) == (
        "decision.unnamed"
    )


def test_s28_author_is_not_approver() -> None:
    talk = ready()

    assert talk.refusal("send", person_="requesting-case-officer", **sending(talk)) == (
        "decision.same-person"
    )
    assert talk.refusal("send", person_="requesting-safeguard-officer", **sending(talk)) == (
        "decision.same-person"
    )


def test_s29_refusal_without_a_reason_code_is_refused() -> None:
    for name in ("not-recognise", "find-inconclusive", "suspect-other-nationality", "recognise"):
        assert "reasons_code" in IDENTIFICATION.acts[name].schema.required
    assert "reasons_code" in definition("travel-document").acts["refuse"].schema.required
    assert "ground_code" in definition("judicial").acts["refuse"].schema.required


def test_s08_document_needs_a_fresh_recheck() -> None:
    document = travel(recognised())
    document.now += timedelta(days=9)

    code = document.refusal(
        "request-document", identification="case", transfer_basis="adequate safeguards 2024"
    )

    assert code == "gates.too-old"


def test_s30_document_is_not_used_before_the_remedy_could_be() -> None:
    document = requested_document()
    issued = document.now.date()
    document.say(
        "issue", issued_on=issued.isoformat(),
        valid_until=(issued + timedelta(days=60)).isoformat(), document_hash="c" * 64,
        in_useful_time=True, official="Consul 3",
    )  # fmt: skip
    until = document.now + timedelta(hours=72)
    fields = {
        "notice_at": document.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "remedy_body": "Administrative court",
        "remedy_text": "You may appeal within three days.",
    }
    short = (document.now + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%SZ")

    assert document.refusal("hand-over", **fields, remedy_until=short) == "remedy.too-short"
    document.say("hand-over", **fields, remedy_until=until.strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert document.refusal("use", on=document.now.date().isoformat()) == "remedy.running"
    document.now = until + timedelta(hours=1)
    document.say("use", on=document.now.date().isoformat())


def test_s31_detention_ends_when_the_law_says_and_nobody_writes_another_end() -> None:
    talk = file()
    talk.say("record-detention", started_on="2024-05-01")

    clock = detention_clock(talk.now_dossier)

    assert clock is not None
    assert clock.ends_on == date(2024, 7, 30)
    assert clock.hearings == (date(2024, 5, 5), date(2024, 5, 31), date(2024, 6, 30))
    assert IDENTIFICATION.acts["record-detention"].schema.fields == ("started_on",)
    assert talk.refusal("record-detention", started_on="2024-06-01") == "act.once"


def test_s31_release_holds_the_file_at_once() -> None:
    talk = in_verification()

    talk.say("record-release", on="2024-05-01")

    assert talk.state == "held"


def closed() -> Talk:
    talk = in_verification()
    talk.say("not-recognise", **decision(reasons_code="no-entry"))
    talk.say("refer-statelessness")
    talk.say("close", balance="N")
    return talk


def test_s32_erased_when_due_and_kept_longer_only_by_the_officer_with_an_end() -> None:
    talk = closed()

    assert talk.refusal("erase", person_="", key_destroyed="d" * 64) == "retention.running"
    assert talk.refusal(
        "extend-retention", role_="case-officer", until="2026-01-01", reason="x"
    ) == ("act.wrong-office")
    assert talk.refusal("extend-retention", until="2024-01-01", reason="x") == "retention.no-end"
    talk.now += timedelta(days=370)
    talk.say("erase", person_="", key_destroyed="d" * 64)
    assert talk.state == "erased"


def beside(other: Talk, **fields: Any) -> Talk:
    """Lead a second file up to ready, beside another."""
    bound = replace(
        procedure("identification", CORRIDOR, rule_packs("FR")),
        related=(replace(other.now_dossier, case="other"),),
    )
    talk = Talk(bound, start=other.now)
    talk.say("prepare", **prepare(**fields))
    talk.say("submit")
    own = gates(talk.now.date())
    talk.say("review", gates=[row | {"reasons": f"Second file: {row['reasons']}"} for row in own])
    return talk


def test_s33_overdue_deletion_certificate_suspends_new_sending() -> None:
    other = in_verification()
    other.say("withdraw", reason_code="ordinary")
    other.say("request-deletion")
    other.now += timedelta(days=30)
    talk = beside(other, person="SYN-person-2")

    assert talk.refusal("send", **sending(talk)) == "corridor.certificates-due"


def test_s34_partner_passes_nothing_on_without_consent_for_that_recipient() -> None:
    talk = in_verification()
    assert talk.refusal("pass-on", recipient="Registry") == "handling.no-consent"

    talk.say("ask-onward", recipient="Registry", purpose_code="registry")
    talk.say("consent-onward")

    talk.say("pass-on", recipient="Registry")
    assert talk.refusal("pass-on", recipient="Newspaper") == "handling.no-consent"


def test_s35_expired_transfer_basis_stops_sending() -> None:
    basis = replace(PROFILE.transfer_basis, until=date(2024, 4, 1))
    talk = ready(with_profile(transfer_basis=basis))

    assert talk.refusal("send", **sending(talk)) == "corridor.no-transfer-basis"


@pytest.mark.parametrize("assurance", sorted(PROFILE.assurances))
def test_s36_corridor_without_an_assurance_is_inactive(assurance: str) -> None:
    with pytest.raises(ValueError, match=f"assurance {assurance}"):
        with_profile(assurances=PROFILE.assurances - {assurance})


def test_s37_brake_stops_everything_that_says_something() -> None:
    braked = replace(CORRIDOR, suspensions=(Suspension(START - timedelta(days=1)),))
    talk = ready(braked)

    assert talk.refusal("send", **sending(talk)) == "corridor.braked"
    assert contacts(talk) == []
    talk.say("hold", reason_code="corridor")


def test_s38_incident_after_return_opens_a_review_with_a_deadline() -> None:
    document = requested_document()
    steps = replace(document.now_dossier, state="doc-used")
    document.dossier = steps
    document.say("report-incident", on="2024-06-01", incident_code="ill-treatment")

    open_ones = {one.name: one.status for one in due(document.now_dossier, document.now)}

    assert open_ones["review-risk"] is DeadlineStatus.WAITING or open_ones["review-risk"] is (
        DeadlineStatus.RUNNING
    )


def test_s41_no_act_carries_more_than_one_person() -> None:
    for name in ("identification", "travel-document", "joint-interview"):
        for rule in definition(name).acts.values():
            properties = rule.schema.document["properties"]
            for field, kind in properties.items():
                if kind.get("type") == "array":
                    assert "names" not in kind["items"].get("properties", {}), (rule.name, field)
                    assert field != "person"
    envelope_rule = IDENTIFICATION.acts["send"].schema.document["properties"]["envelope"]
    assert envelope_rule["type"] == "object"
    assert envelope_rule["properties"]["names"]["type"] == "string"


@pytest.mark.parametrize("way", ["button", "phone-note", "paper-scan"])
@pytest.mark.parametrize("lead", [sent, in_verification, recognised])
@pytest.mark.parametrize("role", ["counsel", "case-officer", "safeguard-officer"])
def test_s43_fear_stated_to_anyone_holds_the_file_at_once(lead: Any, way: str, role: str) -> None:
    talk = lead()

    talk.say("state-fear", role_=role, way=way)

    assert talk.state == "held"
    assert contacts(talk) == []


def test_s43_fear_stated_before_sending_and_to_the_consulate_holds_too() -> None:
    talk = ready()
    talk.say("state-fear", role_="counsel", way="button")
    assert talk.state == "held-early"
    talk = in_verification()
    talk.say("report-fear")
    assert talk.state == "held"


@pytest.mark.parametrize(
    "changes", [{"lawyer_offered": False}, {"where_taken": "airport"}, {"where_taken": "transit"}]
)
def test_s44_voluntary_needs_a_lawyer_offered_and_is_not_taken_in_transit(
    changes: dict[str, Any],
) -> None:
    fields = {
        "lawyer_offered": True,
        "where_taken": "office",
        "informed_in": "ar",
        "revocable": True,
    }

    file().say("record-voluntary-consent", role_="counsel", **fields)
    assert file().refusal("record-voluntary-consent", role_="counsel", **(fields | changes)) == (
        "person.not-voluntary"
    )


def test_s45_consular_contact_asked_by_the_person_is_no_evidence_and_no_request() -> None:
    rule = IDENTIFICATION.acts["record-consular-contact"]
    basis = IDENTIFICATION.acts["recognise"].schema.document["properties"]["basis"]

    assert rule.reach is Reach.NATIONAL
    assert set(rule.moves.values()) == {"="}
    assert not [code for code in basis["items"]["enum"] if "consul" in code or "contact" in code]


def _scalars(document: Any) -> list[dict[str, Any]]:
    found = []
    for rule in document.get("properties", {}).values():
        inner = rule.get("items", rule)
        found += _scalars(inner) if inner.get("type") == "object" else [inner]
    return found


def test_s46_judicial_part_holds_metadata_only() -> None:
    for rule in definition("judicial").acts.values():
        for scalar in _scalars(rule.schema.document):
            assert "maxLength" not in scalar, rule.name


def judicial() -> Talk:
    talk = Talk(procedure("judicial"))
    common = {"instrument": "convention-2008", "article": "3", "measure_code": "hearing"}
    talk.say("prepare", **common, urgent=False, languages=["fr"])
    talk.say("submit")
    talk.say(
        "send", reference="J-1", **common, urgent=False, languages=["fr"],
        transmission_hash="e" * 64, annexes=2, self_checked=True, draft_shared_before=True,
    )  # fmt: skip
    talk.say("acknowledge", contact_office="central", their_reference="MJ-7")
    return talk


def test_s46_only_a_judicial_authority_decides() -> None:
    for rule in definition("judicial").acts.values():
        found = definition("judicial")
        decides = any(
            found.states[to].is_outcome for to in rule.moves.values() if to in found.states
        )
        if decides and rule.name != "surrender":
            assert rule.who == ("requested-judge",)
    source = files("passerelle.procedures").joinpath("definitions/judicial.toml").read_text("utf-8")
    wrong = load_definition(
        source.replace(
            '[acts.admit]\nwho = ["requested-judge"]', '[acts.admit]\nwho = ["requested-central"]'
        ),
        "x.toml",
    )
    talk = judicial()
    talk.dossier = replace(talk.now_dossier, procedure=procedure(wrong))
    talk.procedure = procedure(wrong)
    assert talk.refusal("admit", decided_on="2024-05-01", authority="court") == "judicial.authority"


def test_s47_results_serve_no_other_reference_without_consent() -> None:
    talk = judicial()
    talk.say("admit", decided_on="2024-05-01", authority="court")
    talk.say("execute", next_step="hearing", step_owner="court")
    talk.say("complete", use_limits=["speciality"])
    talk.say("send-results", transmission_hash="f" * 64, use_limits=["speciality"])
    talk.say("receive-results")

    talk.say("use-results", reference="J-1")
    assert talk.refusal("use-results", reference="J-2") == "judicial.other-use"
    talk.say("ask-other-use", reference="J-2")
    talk.say("allow-other-use")
    talk.say("use-results", reference="J-2")


def test_s48_no_message_type_carries_a_notice_or_diffusion() -> None:
    pattern = re.compile(r"diffusion|red-notice|interpol|wanted")
    for name in DEFINITIONS:
        found = definition(name)
        assert not [act for act in found.acts if pattern.search(act)]
        assert not pattern.search(str([rule.schema.document for rule in found.acts.values()]))


@pytest.mark.parametrize("field", ["dpia", "fria", "opinion", "review_by"])
def test_s51_corridor_without_an_assessment_is_inactive(field: str) -> None:
    with pytest.raises(ValueError, match=field):
        with_profile(**{field: None if field == "review_by" else ""})


def test_s51_inactive_corridor_and_overdue_review_stop_sending() -> None:
    inactive = replace(CORRIDOR, active_from=None)
    overdue = with_profile(review_by=date(2024, 4, 1))
    without = Corridor("fr-ma", ("FR", "MA"))

    for corridor, code in (
        (inactive, "corridor.inactive"),
        (overdue, "corridor.review-overdue"),
        (without, "corridor.inactive"),
    ):
        talk = ready(corridor)
        assert talk.refusal("send", **sending(talk)) == code


def test_s52_without_a_rule_pack_in_force_nothing_goes_out() -> None:
    talk = ready()
    talk.now = datetime(2028, 1, 1, tzinfo=UTC)
    old = replace(talk.procedure, rules=())
    talk.dossier = replace(talk.now_dossier, procedure=old)
    fields = sending(talk)
    codes = set()
    act = talk.act("send", **fields)
    result = apply(talk.dossier, replace(act, issued=START + timedelta(hours=6)))
    codes.add(result.code)

    assert codes == {"law.no-pack"}
    assert [pack.id for pack in rule_packs("FR")] == ["fr-return-2024", "fr-return-2026"]
    assert talk.procedure.rule_pack(datetime(2026, 6, 12, tzinfo=UTC)).id == "fr-return-2026"
    assert talk.procedure.rule_pack(datetime(2028, 1, 1, tzinfo=UTC)) is None


def test_s53_only_synthetic_persons_stand_in_the_fixtures(project_root: Any) -> None:
    pattern = re.compile(r'"number_of_document": "(?!SYN)|"person": "(?!SYN|P|x)')
    for path in [
        *(project_root / "tests" / "factories").glob("*.py"),
        *(project_root / "examples").rglob("*.toml"),
    ]:
        for line in path.read_text("utf-8").splitlines():
            assert not pattern.search(line), f"{path.name}: {line.strip()}"


def test_s54_second_state_of_origin_waits_until_the_first_file_is_closed_and_deleted() -> None:
    other = in_verification()
    talk = beside(other)

    assert talk.refusal("send", **sending(talk)) == "person.second-origin"
    assert beside(other, person="SYN-person-2").say("send", **sending(talk))


@pytest.mark.parametrize("seed", range(80))
def test_shared_view_folds_to_what_the_full_file_shows(seed: int) -> None:
    rng = Random(1000 + seed)
    talk = rng.choice((sent, in_verification, recognised))()
    for _ in range(20):
        rule = rng.choice(list(talk.procedure.definition.acts.values()))
        role = rng.choice(rule.who)
        result = talk.try_(rule.name, role_=role, **_any_fields(talk, rule.name))
        if isinstance(result, Dossier) and len(result.steps) > len(talk.now_dossier.steps):
            talk.dossier = result
            talk.acts.append(result.steps[-1].act)
        talk.now += timedelta(hours=3)
    bound = replace(talk.procedure, definition=shared_view(IDENTIFICATION), rules=())
    view: Dossier | None = None
    for step in talk.now_dossier.steps:
        act = to_shared(IDENTIFICATION, step)
        if act is None:
            continue
        result = fold("case", bound, [act]) if view is None else apply(view, act)
        assert isinstance(result, Dossier), (act.name, result)
        view = result

    assert view is not None
    assert view.state == shown_state(IDENTIFICATION, talk.state)


def test_answer_that_crosses_a_pause_stays_sealed_until_the_hold_is_lifted() -> None:
    talk = in_verification()
    talk.say("hold", reason_code="ordinary")
    talk.say("recognise", basis=["A1"], **decision())
    assert talk.state == "held"
    assert [act.name for act in talk.now_dossier.waiting] == ["recognise"]

    talk.say("lift", reason="reviewed")
    talk.say("review-again", gates=gates(talk.now.date()))
    talk.say("resume")

    assert talk.state == "recognised"
    assert talk.now_dossier.waiting == ()


def test_hold_stops_the_reply_clock_and_resuming_lets_it_run_on() -> None:
    talk = in_verification()
    before = next(one for one in due(talk.now_dossier, talk.now) if one.name == "reply")
    talk.say("hold", reason_code="ordinary")
    held_at = talk.now_dossier.steps[-1].act.at
    talk.now += timedelta(days=10)
    stopped = next(one for one in due(talk.now_dossier, talk.now) if one.name == "reply")
    talk.say("lift", reason="reviewed")
    talk.say("review-again", gates=gates(talk.now.date()))
    talk.say("resume")
    after = next(one for one in due(talk.now_dossier, talk.now) if one.name == "reply")

    assert stopped.status is DeadlineStatus.STOPPED
    assert after.due - before.due == talk.now_dossier.steps[-1].act.at - held_at
