"""From a commitment to duties: forces, comparison of mixes, publication, acknowledgement.

The partner is a simulator with its own keys that pushes as over the wire.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client as DjangoClient
from tests.factories.dossiers import item, offer, person, request
from tests.factories.node import add_event, add_plan
from tests.factories.nodes import PeerVoice, host_with_peers

from passerelle.kernel.clock import SystemClock
from passerelle.kernel.counts import Stage, Unit
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.actor import COMMAND_LINE
from passerelle.node.accounts.enums import Action, Role
from passerelle.node.accounts.rules import ALLOWED
from passerelle.node.audit.models import AuditEntry
from passerelle.node.dossiers import domain
from passerelle.node.dossiers.duty_calendars import duty_calendar
from passerelle.node.dossiers.models import Dossier
from passerelle.node.dossiers.queries import open_dossier_value
from passerelle.node.events import domain as events
from passerelle.node.events.queries import latest_need, latest_revision, planned
from passerelle.node.feeds.models import DutyFeed
from passerelle.node.jobs.domain import claim
from passerelle.node.reinforcement import forces, mixing, overview, planning, publishing
from passerelle.node.reinforcement.models import MixRun, OfferRow, Position
from passerelle.node.reinforcement.overview import unacknowledged_duties
from passerelle.node.reinforcement.proposals import proposal
from passerelle.planning.roster.plan import Duty, Line
from passerelle.procedures.reinforcement.duties import published_duties
from passerelle.procedures.values import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from django.test import Client

    from passerelle.kernel.clock import FixedClock
    from passerelle.node.events.models import Event

NOW = SystemClock()
VOICE: dict[str, PeerVoice] = {}
LATER = f"{NOW.now() + timedelta(days=30):%Y-%m-%dT00:00:00Z}"
ESCORTS = """group_id,name,capabilities,crews,base_id,base_lat,base_lon
FR-ESC,Escorts,escort,40,B1,45.4,4.4
"""
DATES = {"from": "2024-07-23T00:00:00Z", "to": "2024-07-26T00:00:00Z"}


@pytest.fixture
def event(db: None, tmp_path: Path, clock: FixedClock) -> Iterator[Event]:
    with host_with_peers(tmp_path / "nodes", ("MA",)):
        VOICE["ma"] = PeerVoice(tmp_path / "nodes")
        yield add_event(tmp_path, clock).event


def ask(event: Event) -> str:
    fields = request(event=event.code, answer_by=LATER)
    case = domain.open_case(
        "ma", "reinforcement", "request", fields, "directorate",
        actor=COMMAND_LINE, clock=NOW, event=event.code,
    )  # fmt: skip
    assert isinstance(case, str)
    return case


def hear(case: str, act: str, fields: dict[str, Any], role: str = "focal-point") -> None:
    VOICE["ma"].say(case, act, fields, role)


def answer(case: str, act: str, fields: dict[str, Any]) -> None:
    result = domain.say(case, act, fields, "directorate", actor=COMMAND_LINE, clock=NOW)
    assert not isinstance(result, Refusal), result.reason


def commit(event: Event, people: int = 10) -> str:
    """Lead a dossier to a co-signed commitment of bomb disposal at STE."""
    case = ask(event)
    hear(case, "offer", {"offers": [offer(valid_until=LATER, languages=["ar", "fr"], **DATES,
                                          answer="partial")]})  # fmt: skip
    answer(case, "accept", {"accepted_offers": ["O1"]})
    fields = {"commitment": "C1", "level": "technical",
              "items": [item(people=people, certificates=["eod-2"], **DATES)]}  # fmt: skip
    answer(case, "commit", fields)
    hear(case, "commit", fields)
    bound = {"arrangement": "case-2", "text_hash": "a" * 64, "signed_on": "2024-06-20"}
    answer(case, "bind", bound)
    hear(case, "bind", bound)
    assert Dossier.objects.get(case=case).state == "committed"
    return case


def roll_of(*codes: str, until: str = "2024-12-31") -> dict[str, Any]:
    held = [{"certificate": "eod-2", "valid_until": until}]
    spoken = [{"language": "fr", "level_of_language": "C1"}]
    return {
        "persons_named": [
            person(code, certificates=held, languages=spoken, **DATES) for code in codes
        ]
    }


def test_only_what_is_co_signed_becomes_a_force(event: Event) -> None:
    case = ask(event)
    hear(case, "offer", {"offers": [offer(valid_until=LATER)]})
    before = planning.preview(event, forces.ForceParams())
    answer(case, "accept", {"accepted_offers": ["O1"]})

    assert before[2] == planning.preview(event, forces.ForceParams())[2] == ()


def test_an_item_without_a_roll_is_one_group_of_like_crews(event: Event) -> None:
    case = commit(event)

    _, after, changes = planning.preview(event, forces.ForceParams())

    (group,) = (change.group for change in changes)
    assert (group.crews, group.crew_people, group.stage) == (5, 2, Stage.ACCEPTED)
    assert group.allowed_site_ids == ("STE",)
    assert group.languages == ("ar", "fr")
    assert forces.people_of(group) == (case, "I1", ())
    assert after.rules_by_id[group.rules_id].needs_escort


def test_a_forecast_holds_fewer_crews_and_says_so(event: Event) -> None:
    commit(event)

    _, _, changes = planning.preview(event, forces.ForceParams(is_forecast=True))

    (group,) = (change.group for change in changes)
    assert (group.crews, group.is_assumed) == (4, True)
    assert group.name.endswith("(forecast)")


def test_a_roll_makes_crews_and_a_certificate_ends_their_days(event: Event) -> None:
    case = commit(event)
    hear(case, "name", roll_of("P1", "P2", "P3"))
    hear(case, "name", roll_of("P4", "P5", until="2024-07-24"))

    _, _, changes = planning.preview(event, forces.ForceParams())

    found = {forces.people_of(one.group): str(one.group.certificates[0].expires) for one in changes}
    assert found == {
        (case, "I1", ("P1", "P2")): "2024-12-31",
        (case, "I1", ("P4", "P5")): "2024-07-24",
    }


def test_released_and_struck_people_are_no_force(event: Event) -> None:
    case = commit(event)
    hear(case, "name", roll_of("P1", "P2", "P3", "P4"))
    leave = {"item": "I1", "people": 2, "persons": ["P1", "P2"], "from": "2024-07-23T00:00:00Z",
             "reason": "Enough"}  # fmt: skip
    answer(case, "release", leave)
    hear(case, "strike", {"person": "P3", "reason": "Ill"})

    assert planning.preview(event, forces.ForceParams())[2] == ()


def test_forces_are_taken_in_as_a_revision_that_passes_every_check(event: Event) -> None:
    case = commit(event)
    hear(case, "name", roll_of("P1", "P2"))
    params = forces.ForceParams()
    _, after, _ = planning.preview(event, params)

    revision = planning.take_forces(event, params, actor=COMMAND_LINE, clock=NOW)

    read = planned(revision.pk).force
    assert [g for g in read.groups if not g.is_host] == [g for g in after.groups if not g.is_host]
    assert latest_revision(event).pk == revision.pk
    assert latest_need(revision) is not None
    assert planning.preview(event, params)[2] == ()


def test_publishing_sends_a_partner_its_own_people_and_later_only_what_changed(
    event: Event, clock: FixedClock
) -> None:
    case = commit(event)
    hear(case, "name", roll_of("P1", "P2"))
    revision = planning.take_forces(event, forces.ForceParams(), actor=COMMAND_LINE, clock=NOW)
    (group,) = (g.id for g in planned(revision.pk).force.groups if not g.is_host)
    host = Line("FR-1", 1, (Duty(480, 960, "STE", "patrol"),))
    first = add_plan(
        event, clock, host, Line(group, 1, (Duty(1920, 2400, "STE", "eod"),)), people={group: 2}
    )

    (notice,) = publishing.notices(first)
    done = publishing.send_notices([notice], actor=COMMAND_LINE, clock=NOW)
    again = publishing.notices(first)
    _, _, value = open_dossier_value(case)
    moved = add_plan(
        event, clock, host, Line(group, 1, (Duty(2040, 2520, "STE", "eod"),)), people={group: 2}
    )
    (change,) = publishing.notices(moved)
    gone = add_plan(event, clock, host)
    (drop,) = publishing.notices(gone)

    assert (notice.n_people, notice.n_duties, notice.left_out) == (2, 2, {})
    assert done[0][1] is None
    assert set(published_duties(value)) == {"P1", "P2"}
    assert again[0].payloads == ()
    assert (change.n_people, change.n_dropped) == (2, 0)
    assert (drop.n_people, drop.n_dropped) == (0, 2)
    assert Position.objects.get(dossier_id=case).n_unacknowledged == 1
    assert unacknowledged_duties(event.code) == 1
    assert unacknowledged_duties(event.code, "partner") == 0


def test_who_lost_a_condition_for_good_is_left_out_and_named(
    event: Event, clock: FixedClock
) -> None:
    case = commit(event)
    hear(case, "name", roll_of("P1", "P2", until="2024-07-23"))
    revision = planning.take_forces(event, forces.ForceParams(), actor=COMMAND_LINE, clock=NOW)
    (group,) = (g.id for g in planned(revision.pk).force.groups if not g.is_host)
    late = Line(group, 1, (Duty(480 + 2 * 1440, 960 + 2 * 1440, "STE", "eod"),))

    (notice,) = publishing.notices(add_plan(event, clock, late, people={group: 2}))

    assert notice.payloads == ()
    assert set(notice.left_out) == {"P1", "P2"}
    assert "certificate eod-2" in notice.left_out["P1"]


def test_an_expired_offer_leaves_the_counts_when_somebody_looks(event: Event) -> None:
    case = ask(event)
    hear(case, "offer", {"offers": [offer(valid_until=LATER)]})
    found = overview.overview(event.code, Unit.PEOPLE, NOW.now())
    assert found.total.figure_of["offered"] == 10
    much_later = _FixedClock(NOW.now() + timedelta(days=60))

    assert overview.catch_up(much_later) == 1
    again = overview.overview(event.code, Unit.PEOPLE, much_later.now())
    assert (again.total.figure_of["asked"], again.total.figure_of["offered"]) == (10, 0)
    assert overview.catch_up(much_later) == 0
    assert OfferRow.objects.get(dossier_id=case).status == "standing"


def test_a_commitment_is_proposed_from_the_accepted_offers(event: Event) -> None:
    case = ask(event)
    hear(case, "offer", {"offers": [offer(valid_until=LATER)]})
    answer(case, "accept", {"accepted_offers": ["O1"]})
    row, _, value = open_dossier_value(case)

    fields = proposal(row, value, "commit")

    assert fields["items"] == [item()]
    result = domain.check_act(case, "commit", fields, "directorate", actor=COMMAND_LINE, clock=NOW)
    assert not isinstance(result, Refusal)


def test_mixes_are_compared_in_a_job_and_the_report_is_kept(event: Event, tmp_path: Path) -> None:
    (tmp_path / "small-cup" / "forces.csv").write_text(ESCORTS, "utf-8")
    revision = events.import_event(tmp_path / "small-cup", actor=COMMAND_LINE, clock=NOW)
    events.compute_need(revision, actor=COMMAND_LINE, clock=NOW)
    case = ask(event)
    two = [
        offer(valid_until=LATER, cost_eur=9000, **DATES, answer="partial"),
        offer("O2", valid_until=LATER, answer="counter", people=4, present=4, posts=2, **DATES),
    ]
    hear(case, "offer", {"offers": two})
    asked = mixing.start_mix(event, seconds=20, keep_assumed=True, actor=COMMAND_LINE, clock=NOW)
    job = claim("test", 60, NOW)
    assert job is not None
    assert job.key == asked.key
    handler = mixing.MixHandler()
    watched = handler.start(job)
    try:
        while not watched.is_over:
            list(watched.messages(0.2))
        report = watched.result()
    finally:
        watched.close()

    assert report is not None
    handler.store(job, report, NOW)

    kept = MixRun.objects.get().report
    best, *others = kept["mixes"]
    assert {one["offer"].split(".")[1] for one in kept["offers"]} == {"O1", "O2"}
    assert {mix["name"] for mix in others} >= {"none"}
    assert best["score"] <= min(mix["score"] for mix in others) + 1e-6
    assert not all(best["crews"].values())  # a counter-offer excludes the other on its line


class _FixedClock(SystemClock):
    def __init__(self, at: Any) -> None:
        self._at = at

    def now(self) -> Any:
        return self._at


@pytest.mark.parametrize("language", ["fr", "en", "ar"])
def test_the_pages_from_offer_to_duties_open_in_every_language(
    event: Event, clock: FixedClock, signed_in: Callable[..., Client], language: str
) -> None:
    case = commit(event)
    VOICE["ma"].say(case, "name", roll_of("P1", "P2"))
    VOICE["ma"].say(case, "offer", {"offers": [offer("O9", valid_until=LATER, answer="counter")]})
    client = signed_in("planner", "cooperation")
    client.cookies["passerelle_language"] = language
    new = client.get(f"/e/{event.code}/forces/committed?assumed=no&forecast=yes")
    planning.take_forces(event, forces.ForceParams(), actor=COMMAND_LINE, clock=NOW)
    revision = latest_revision(event)
    (group,) = (g.id for g in planned(revision.pk).force.groups if not g.is_host)
    line = Line(group, 1, (Duty(1920, 2400, "STE", "eod"),))
    version = add_plan(event, clock, line, people={group: 2})
    page = client.get(f"/e/{event.code}/plan/{version.number}/publish").content.decode()
    seen = re.search(r'name="notices" value="([0-9a-f]{64})"', page)
    assert seen
    published = client.post(
        f"/e/{event.code}/plan/{version.number}/publish", {"seen": "", "notices": seen[1]}
    )
    MixRun.objects.create(
        event=event, job=version.job, report=REPORT, created_at=NOW.now(), created_by="test"
    )

    assert (new.status_code, published.status_code) == (200, 302)
    assert set(published_duties(open_dossier_value(case)[2])) == {"P1", "P2"}
    for path in (
        f"/e/{event.code}/forces/committed",
        f"/e/{event.code}/offers/mix",
        f"/e/{event.code}/offers?view=all",
        f"/e/{event.code}/reinforcement?unit=person-days",
        f"/dossiers/{case}",
        f"/dossiers/{case}/offers",
        f"/dossiers/{case}/commitment",
        f"/dossiers/{case}/duties",
        f"/dossiers/{case}/directorate/commit",
        f"/dossiers/{case}/directorate/release?item=I1",
    ):
        assert client.get(path).status_code == 200, path


def test_what_partners_would_be_sent_must_be_what_was_shown(
    event: Event, clock: FixedClock, signed_in: Callable[..., Client]
) -> None:
    case = commit(event)
    hear(case, "name", roll_of("P1", "P2"))
    planning.take_forces(event, forces.ForceParams(), actor=COMMAND_LINE, clock=NOW)
    (group,) = (g.id for g in planned(latest_revision(event).pk).force.groups if not g.is_host)
    line = Line(group, 1, (Duty(1920, 2400, "STE", "eod"),))
    version = add_plan(event, clock, line, people={group: 2})

    answered = signed_in("planner").post(
        f"/e/{event.code}/plan/{version.number}/publish", {"seen": "", "notices": "0" * 64}
    )

    version.refresh_from_db()
    assert (answered.status_code, version.state) == (409, "draft")


REPORT: dict[str, Any] = {
    "mixes": [
        {
            "name": name, "crews": {"000000.O1": crews}, "points": 10.0, "cost_eur": 100,
            "score": 12.0, "bound": 11.0, "cover": cover, "filled": {"eod": [40.0, cover]},
            "escort_hours": 1.0, "escort_peak": 1.0, "bed_nights": 2.0, "bed_peak": 2.0,
        }
        for name, crews, cover in (("best", 3, 0.9), ("none", 0, 0.1))
    ],
    "worths": [
        {"offer": "000000.O1", "is_accepted": True, "worth": 5.5, "sign": "helps",
         "is_model_only": True, "saved_hours": {"eod": 32.0, "lang:ar": 4.0}}
    ],
    "offers": [{"offer": "000000.O1", "state": "MA", "crews": 5, "people": 10}],
    "seconds": 1.5,
    "is_complete": False,
}  # fmt: skip


def publish_duties(event: Event, clock: FixedClock, *lines: Line, people: dict[str, int]) -> None:
    version = add_plan(event, clock, *lines, people=people)
    done = publishing.send_notices(publishing.notices(version), actor=COMMAND_LINE, clock=NOW)
    assert [refusal for _, refusal in done] == [None]


def events_of(calendar: bytes) -> list[tuple[str, str, str]]:
    """Return sequence, status and beginning of each event."""
    found = re.findall(
        r"SEQUENCE:(\d+)\r\nDTSTART:(\S+)\r\n.*?STATUS:(\w+)", calendar.decode(), re.DOTALL
    )
    return [(sequence, status, start) for sequence, start, status in found]


def test_calendars_of_a_contingent_and_of_a_person_follow_every_publication(
    event: Event, clock: FixedClock
) -> None:
    case = commit(event)
    hear(case, "name", roll_of("P1", "P2"))
    revision = planning.take_forces(event, forces.ForceParams(), actor=COMMAND_LINE, clock=NOW)
    (group,) = (g.id for g in planned(revision.pk).force.groups if not g.is_host)
    row = Dossier.objects.select_related("corridor").get(case=case)
    with pytest.raises(RefusedError, match="No duties"):
        duty_calendar(row)

    told = []
    for start, end in ((1920, 2400), (2040, 2520)):
        line = Line(group, 1, (Duty(start, end, "STE", "eod"),))
        publish_duties(event, clock, line, people={group: 2})
        told.append(duty_calendar(row, person="P1", language="ar"))

    assert [events_of(one) for one in told] == [
        [("0", "CONFIRMED", "20240723T060000Z")],
        [("1", "CONFIRMED", "20240723T080000Z")],
    ]
    assert len(events_of(duty_calendar(row))) == 2
    assert "تفكيك المتفجرات" in told[0].decode().replace("\r\n ", "")
    assert "Exemple" not in duty_calendar(row).decode()
    with pytest.raises(RefusedError, match="No duties"):
        duty_calendar(row, person="P9")


def test_an_address_of_duties_is_secret_revocable_and_answers_twelve_times_an_hour(
    event: Event, clock: FixedClock, signed_in: Callable[..., Client]
) -> None:
    case = commit(event)
    hear(case, "name", roll_of("P1", "P2"))
    revision = planning.take_forces(event, forces.ForceParams(), actor=COMMAND_LINE, clock=NOW)
    (group,) = (g.id for g in planned(revision.pk).force.groups if not g.is_host)
    line = Line(group, 1, (Duty(1920, 2400, "STE", "eod"),))
    publish_duties(event, clock, line, people={group: 2})
    client, stranger = signed_in("liaison"), DjangoClient()
    url = f"/dossiers/{case}/calendars"

    page = client.post(url, {"person": "P1", "language": "fr"}).content.decode()
    found = re.search(r"/calendar/([A-Za-z0-9_-]{40,})\.ics", page)
    assert found
    answers = [stranger.get(found[0]) for _ in range(13)]
    DutyFeed.objects.update(window_at=NOW.now() - timedelta(hours=1))
    later = stranger.get(found[0])
    client.post(url, {"revoke": str(DutyFeed.objects.get().pk)})

    assert [one.status_code for one in answers] == [200] * 12 + [429]
    assert 0 < int(answers[12]["Retry-After"]) <= 3600
    assert (later.status_code, stranger.get(found[0]).status_code) == (200, 404)
    assert found[1] not in str(list(DutyFeed.objects.values()))
    assert client.post(url, {"person": "P9"}).status_code == 409
    assert {one.action for one in AuditEntry.objects.all()} >= {"feeds.make", "feeds.revoke"}
    for language in ("fr", "en", "ar"):
        client.cookies["passerelle_language"] = language
        assert client.get(url).status_code == 200


@pytest.mark.parametrize("role", list(Role))
def test_who_sees_a_roll_may_make_addresses_of_its_duties(
    event: Event, signed_in: Callable[..., Client], role: Role
) -> None:
    case = commit(event)

    status = signed_in(role.value).get(f"/dossiers/{case}/calendars").status_code

    assert (status == 200) is (role in ALLOWED[Action.VIEW_ROLL])
    assert status in {200, 403}
