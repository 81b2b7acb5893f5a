"""``passerelle bench campaign``: a campaign of many states, and every list page over it."""

from __future__ import annotations

import logging
import secrets
import tempfile
from datetime import timedelta
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import click

from passerelle.cli.benches.desk import ask_page, signed_in
from passerelle.cli.benches.results import peak_memory_mb, write_result
from passerelle.kernel.problems import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.test import Client

    from passerelle.cli.benches.voices import Voice
    from passerelle.kernel.canonical import Json
    from passerelle.kernel.clock import Clock
    from passerelle.node.events.models import Event
    from passerelle.node.reinforcement.models import Campaign

STATES: Final = [
    "MA",
    "ES",
    "DE",
    "BE",
    "US",
    "IN",
    "AT",
    "GB",
    "PL",
    "IT",
    "NL",
    "PT",
    "CH",
    "QA",
    "KR",
    "BR",
    "CA",
    "CZ",
    "DK",
    "EE",
    "FI",
    "GR",
    "HR",
    "HU",
    "IE",
    "IS",
    "JP",
    "JO",
    "KW",
    "LT",
    "LU",
    "LV",
    "MT",
    "MX",
    "NO",
    "NZ",
    "PE",
    "RO",
    "RS",
    "SE",
    "SI",
    "SK",
    "SN",
    "TN",
    "TR",
    "UA",
    "AR",
    "NG",
    "ZA",
    "AU",
    "CL",
    "CO",
    "EG",
    "GE",
]
"""States of the synthetic peers."""

PAGES: Final = (
    "/e/{code}/reinforcement",
    "/e/{code}/reinforcement?unit=posts",
    "/e/{code}/reinforcement?by=capability&unit=present",
    "/e/{code}/campaigns/1",
    "/e/{code}/campaigns/1/{peer}",
    "/e/{code}/offers",
    "/e/{code}/offers?view=all&page=3",
    "/e/{code}/forces/committed",
    "/dossiers",
    "/rolls",
    "/counts",
)
"""List pages: queries must not grow with rows."""

_SLOW_S: Final = 1.0

DOSSIER: Final = (
    "/dossiers/{case}",
    "/dossiers/{case}/offers",
    "/dossiers/{case}/commitment",
    "/dossiers/{case}/duties",
)
"""Pages of one dossier with all its lines, offers, items and people."""


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--states", type=click.IntRange(2, len(STATES)), default=50, show_default=True)
@click.option("--lines", type=click.IntRange(1, 200), default=40, show_default=True)
@click.option("--people", type=click.IntRange(1), default=2500, show_default=True)
@click.option("--runs", type=click.IntRange(5), default=20, show_default=True)
@click.option("--keep", type=click.Path(path_type=Path), default=None, help="Keep the node here.")
def command(
    folder: Path, *, states: int, lines: int, people: int, runs: int, keep: Path | None
) -> None:
    """Run a campaign over the event in FOLDER with synthetic peers, and measure every page.

    Everything is on this machine and without a network: the peers have keys of their own and push
    through the function that answers a push over the wire. Lines are drafted from the whole need and
    filled up or cut to the number asked; persons are synthetic.
    """
    from passerelle.node import installation

    with tempfile.TemporaryDirectory(prefix="passerelle-bench-") as place:
        data = keep or Path(place) / "fr"
        installation.initialise(data, {"node": "fr", "state": "FR", "port": 9219})
        logging.disable(logging.INFO)
        _measure(data, folder, STATES[:states], lines, people, runs)


def _measure(
    data: Path, folder: Path, states: Sequence[str], lines: int, people: int, runs: int
) -> None:
    from passerelle.kernel.clock import SystemClock

    clock, timing = SystemClock(), {}
    started = perf_counter()
    event, voices = _set_up(data, folder, states)
    timing["set_up_s"] = perf_counter() - started
    started = perf_counter()
    campaign = _draft(event, voices, lines)
    timing["draft_s"] = perf_counter() - started
    client = signed_in("bench")
    facts = {"code": event.code, "peer": voices[0].name}
    check = f"/e/{event.code}/campaigns/1/check"
    rows = [_page(client, "campaign check, all lines", check, runs)]
    started = perf_counter()
    cases = _send(campaign)
    timing["send_s"] = perf_counter() - started
    each = max(1, people // len(states))
    few = min(2, len(voices) - 1)
    started = perf_counter()
    for voice in voices[:few]:
        _play(voice, cases[voice.name], event.code, each, clock)
    facts["case"] = cases[voices[0].name]
    small = {page: ask_page(client, page.format(**facts)).queries for page in PAGES[:-2]}
    for voice in voices[few:]:
        _play(voice, cases[voice.name], event.code, each, clock)
    timing["answers_s"] = perf_counter() - started
    for page in (*PAGES, *DOSSIER):
        rows.append(_page(client, page, page.format(**facts), runs))
        if page in small:
            # A page of a list shows as many rows as fit; its queries must not depend on how many.
            ask_page(client, page.format(**facts))
            rows[-1]["queries_small"] = small[page]
    for row in rows:
        click.echo(
            f"{row['p50_ms']:8} ms p50 {row['p95_ms']:8} ms p95 {row['cpu_p95_ms']:8} ms cpu "
            f"{row['kb']:7} kB {row['queries']:3} queries  {row['page']}"
        )
    worst = max(float(str(row["p95_ms"])) for row in rows if row["page"] in PAGES)
    written = write_result(
        "campaign",
        {
            "event": event.code, "states": len(states), "lines_each": lines,
            "people": each * len(states), "runs": runs, "network": "none, one process",
            **{name: round(value, 2) for name, value in timing.items()},
            **_sizes(), "pages": rows, "worst_list_p95_ms": worst, "peak_mb": peak_memory_mb(),
        },
    )  # fmt: skip
    click.echo(f"worst list p95 {worst:.1f} ms; written to {written}")


def _set_up(data: Path, folder: Path, states: Sequence[str]) -> tuple[Event, list[Voice]]:
    """Take the event in, know every peer, agree a corridor with each."""
    from passerelle.cli.benches.voices import Voice
    from passerelle.exchange.trust import fingerprint
    from passerelle.kernel.clock import SystemClock
    from passerelle.kernel.labels import Labels
    from passerelle.node.accounts.actor import COMMAND_LINE
    from passerelle.node.accounts.domain import add_office, add_user
    from passerelle.node.accounts.enums import Role
    from passerelle.node.dossiers.domain import agree_corridor
    from passerelle.node.events import domain as events
    from passerelle.node.exchange import identity, peers

    clock = SystemClock()
    add_user("bench", add_office("bench", Labels("Banc", "Bench", "قياس")), list(Role))
    revision = events.import_event(folder, actor=COMMAND_LINE, clock=clock)
    events.compute_need(revision, actor=COMMAND_LINE, clock=clock)
    voices = []
    for state in states:
        name = state.lower()
        keys = data.parent / f"peer-{name}"
        identity.create(keys, name, now=clock.now(), random_bytes=secrets.token_bytes)
        root = (keys / "trust" / "1.root.json").read_bytes()
        peers.add_peer(name, root, fingerprint(root))
        peers.refresh_peer(name, peers.fetch_from_folder(keys / "trust"), clock)
        agree_corridor(f"fr-{name}", name, "FR", state, actor=COMMAND_LINE, clock=clock)
        voices.append(Voice(keys, name, clock))
    return revision.event, voices


def _draft(event: Event, voices: Sequence[Voice], lines: int) -> Campaign:
    from passerelle.kernel.clock import SystemClock
    from passerelle.node.accounts.actor import COMMAND_LINE
    from passerelle.node.reinforcement.drafting import add_line, draft_campaign
    from passerelle.node.reinforcement.models import DraftLine

    clock = SystemClock()
    header: dict[str, Json] = {
        "issuing_authority": "Ministry of the Interior, France",
        "signatory": "Head of the cooperation directorate",
        "legal_basis": "Agreements on police cooperation",
        "contact_24_7": "+33 1 00 00 00 00",
        "handling": {"tlp": "AMBER", "police": "H0"},
        "languages": ["fr", "en"],
    }
    campaign = draft_campaign(
        event, basis="nobody", answer_by=clock.now() + timedelta(days=30), header=header,
        peers=[voice.name for voice in voices], title="Bench", language="en",
        actor=COMMAND_LINE, clock=clock,
    )  # fmt: skip
    spare = DraftLine.objects.filter(thread__campaign=campaign).order_by("people", "pk").first()
    assert spare is not None
    for thread in campaign.threads.all():
        mine = list(thread.lines.order_by("code"))
        for line in mine[lines:]:
            line.delete()
        like = min(mine or [spare], key=lambda line: (len(line.places), line.code))
        for _ in range(lines - len(mine)):
            add_line(thread, like, actor=COMMAND_LINE)
    return campaign


def _send(campaign: Campaign) -> dict[str, str]:
    from passerelle.kernel.clock import SystemClock
    from passerelle.node.accounts.actor import COMMAND_LINE
    from passerelle.node.reinforcement.sending import prepared, seen_of, send

    seen = seen_of(prepared(campaign))
    send(campaign, seen=seen, actor=COMMAND_LINE, clock=SystemClock())
    return dict(campaign.threads.values_list("peer", "case"))


def _play(voice: Voice, case: str, event: str, people: int, clock: Clock) -> None:
    """Lead a dossier from the request to a co-signed commitment and a roll."""
    from passerelle.kernel.times import format_instant
    from passerelle.node.dossiers import domain
    from passerelle.node.dossiers.kinds import kind_of
    from passerelle.node.dossiers.queries import open_dossier_value
    from passerelle.node.dossiers.said import Said
    from passerelle.node.exchange.acts import NewAct, Release, release_act
    from passerelle.node.reinforcement.proposals import proposal
    from passerelle.procedures.loading import definition
    from passerelle.procedures.reinforcement.offers import lines

    shape = definition("reinforcement")

    def host(act: str, fields: dict[str, Json]) -> None:
        said = Said(shape.id, shape.digest, act, "host", "directorate", "command", fields, event)
        new = NewAct(peer=voice.name, kind=kind_of(act), case=case, body=said.to_body())
        assert isinstance(release_act(new, clock=clock), Release)

    def peer(act: str, fields: dict[str, Json]) -> None:
        voice.say(case, act, fields, "focal-point")
        voice.push()

    _, _, value = open_dossier_value(case)
    until = format_instant(clock.now() + timedelta(days=20))
    offered: list[Json] = [
        {
            "offer": f"O{n:03d}", "line": line.code, "answer": "full", "unit": "Unit",
            "capability": line.terms.capability, "posts": line.terms.posts,
            "present": line.terms.present, "people": line.terms.people,
            "places": list(line.terms.places), "from": format_instant(line.terms.during.start),
            "to": format_instant(line.terms.during.end), "command": "host",
            "valid_until": until, "approving_authority": "Ministry", "languages": ["en"],
            "animals": line.terms.animals,
        }
        for n, line in enumerate(lines(value).values(), start=1)
    ]  # fmt: skip
    peer("acknowledge", {})
    peer("offer", {"offers": offered})
    taken: list[Json] = [f"O{n:03d}" for n in range(1, len(offered) * 3 // 4 + 1)]
    host("accept", {"accepted_offers": taken})
    row, _, value = open_dossier_value(case)
    fields = proposal(row, value, "commit")
    host("commit", fields)
    peer("commit", fields)
    bound: dict[str, Json] = {
        "arrangement": f"case-{voice.name}", "text_hash": "a" * 64, "signed_on": "2024-06-20",
    }  # fmt: skip
    host("bind", bound)
    peer("bind", bound)
    peer("name", {"persons_named": list(_persons(fields, people))})
    # Folded once at the end: what is measured is reading, and the worker folds each act anyway.
    done = domain.refresh(case, clock)
    if done is None or done.n_refused or done.state != "committed":
        refused = open_dossier_value(case)[2].refused
        why = refused[-1].refusal.reason if refused else "nothing can be opened"
        raise RefusedError("An act was refused: {why}", code="bench.act", why=why)


def _persons(fields: dict[str, Json], people: int) -> Iterator[Json]:
    rows: Any = fields["items"]  # a list of records, from proposal
    places = [row for row in rows for _ in range(row["people"])]
    for n, row in enumerate(places[:people]):
        yield {
            "person": f"P{n:04d}", "item": row["item"], "family_name": "Exemple",
            "given_name": "Personne", "rank": "Officer", "service_number": f"S{n}",
            "nationality": "FR", "birth_date": "1985-01-01", "passport": f"X{n}",
            "role": "Officer", "from": row["from"], "to": row["to"],
        }  # fmt: skip


def _page(client: Client, name: str, path: str, runs: int) -> dict[str, object]:
    first = ask_page(client, path)
    # A slow page is asked less often, so that one does not cost the whole measurement.
    n_runs = runs if first.seconds < _SLOW_S else 3
    answers = [ask_page(client, path) for _ in range(n_runs)]

    def at(values: list[float], percent: int) -> float:
        return round(1000 * quantiles(values, n=100)[percent - 1], 1)

    times = [answer.seconds for answer in answers]
    work = [answer.cpu_seconds for answer in answers]
    return {
        "page": name,
        "runs": n_runs,
        "first_ms": round(1000 * first.seconds, 1),
        "p50_ms": at(times, 50),
        "p95_ms": at(times, 95),
        "cpu_p50_ms": at(work, 50),
        "cpu_p95_ms": at(work, 95),
        "kb": round(answers[0].size / 1024, 1),
        "queries": answers[0].queries,
    }


def _sizes() -> dict[str, int]:
    from passerelle.node.exchange.models import Entry
    from passerelle.node.reinforcement.models import DraftLine, OfferRow, TallyRow

    return {
        "acts": Entry.objects.count(),
        "lines": DraftLine.objects.count(),
        "offers": OfferRow.objects.count(),
        "tallies": TallyRow.objects.count(),
    }
