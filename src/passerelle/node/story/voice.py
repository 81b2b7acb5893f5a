"""One node of the story, driven from outside by lines of JSON: ``python -m passerelle.node.story.voice``.

Each line names a verb and its arguments; the answer is one line. Verbs call the domain layer as the
pages do: an account speaks, in its roles. There is no other way in.
"""

from __future__ import annotations

import base64
import json
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from passerelle.kernel.canonical import digest
from passerelle.kernel.problems import Problem
from passerelle.kernel.times import Interval, format_instant, parse_instant
from passerelle.node.story.planning_voice import PlanningVoice, actor_named

if TYPE_CHECKING:
    from collections.abc import Callable

    from passerelle.kernel.canonical import Json

__all__ = ["Voice"]


@dataclass
class Voice(PlanningVoice):
    """Carry out verbs in the node that this process has entered."""

    away: set[str] = field(default_factory=set)
    """Peers that are not expected to answer now."""

    def now(self) -> str:
        """Return where the clock of the node stands."""
        from passerelle.node.exercise.clock import node_clock  # noqa: PLC0415 - app ready

        return format_instant(node_clock().now())

    def publish(self, instant: str) -> bool:
        """Publish the trust files for an instant to come."""
        from passerelle.node.exercise.domain import publish_for  # noqa: PLC0415 - app ready

        return publish_for(parse_instant(instant))

    def advance(self, instant: str) -> list[str]:
        """Move the clock, together with what the peers published; return those not reached."""
        from passerelle.node.accounts.actor import COMMAND_LINE  # noqa: PLC0415 - app ready
        from passerelle.node.exchange.peers import fetch_files  # noqa: PLC0415 - app ready
        from passerelle.node.exchange.transport import HttpTransport  # noqa: PLC0415 - app ready
        from passerelle.node.exercise.domain import advance  # noqa: PLC0415 - app ready

        to = parse_instant(instant)
        with HttpTransport(timeout_s=5.0) as transport:
            files = fetch_files(transport, to)
        return list(advance(to, files, actor=COMMAND_LINE))

    def enrol(self) -> str:
        """Make the accounts of the cast; return a one-time sign-in token for the visitor."""
        import secrets  # noqa: PLC0415 - slow import

        from passerelle.kernel.clock import SystemClock  # noqa: PLC0415 - app ready
        from passerelle.node.accounts.domain import issue_link  # noqa: PLC0415 - app ready
        from passerelle.node.story.cast import VISITOR, enrol_cast, find_member  # noqa: PLC0415

        enrol_cast()
        return issue_link(find_member(VISITOR), SystemClock(), lambda: secrets.token_urlsafe(32))

    def card(self) -> dict[str, str]:
        """Return what a peer is handed in person: name, root, fingerprint, address."""
        from passerelle.exchange.trust import fingerprint  # noqa: PLC0415 - slow import
        from passerelle.node.configuration import configuration  # noqa: PLC0415 - app ready
        from passerelle.node.exchange.station import station  # noqa: PLC0415 - app ready

        settings = configuration()
        root = (station().folder / "trust" / "1.root.json").read_bytes()
        return {
            "node": settings.node,
            "state": settings.state,
            "root": root.decode(),
            "fingerprint": fingerprint(root),
            "address": f"http://{settings.host}:{settings.port}",
        }

    def meet(self, card: dict[str, str], files: dict[str, str]) -> None:
        """Pin the root of a peer, take its card and agree a corridor; does nothing the second time."""
        from passerelle.node.configuration import configuration  # noqa: PLC0415 - app ready
        from passerelle.node.dossiers.corridors import agree_corridor  # noqa: PLC0415 - app ready
        from passerelle.node.dossiers.models import Corridor  # noqa: PLC0415 - app ready
        from passerelle.node.exchange import peers  # noqa: PLC0415 - app ready
        from passerelle.node.exchange.models import Peer  # noqa: PLC0415 - app ready
        from passerelle.node.exercise.clock import node_clock  # noqa: PLC0415 - app ready

        node, own = card["node"], configuration()
        if not Peer.objects.filter(pk=node).exists():
            peers.add_peer(node, card["root"].encode(), card["fingerprint"])
        if Peer.objects.get(pk=node).state == "pinned":
            known = {name: text.encode() for name, text in files.items()}
            peers.refresh_peer(node, peers.fetch_from_mapping(known), node_clock())
        if not Corridor.objects.filter(peer=node).exists():
            code = "-".join(sorted((own.node, node), key=lambda one: one != "fr"))
            actor = actor_named("approval")
            agree_corridor(code, node, own.state, card["state"], actor=actor, clock=node_clock())

    def trust(self) -> dict[str, str]:
        """Return the trust files, as they are handed over at the first meeting."""
        from passerelle.node.exchange.peers import TRUST_FILES  # noqa: PLC0415 - app ready
        from passerelle.node.exchange.station import station  # noqa: PLC0415 - app ready

        folder = station().folder / "trust"
        return {name: (folder / name).read_text("utf-8") for name in TRUST_FILES}

    def open(
        self,
        *,
        by: str,
        peer: str,
        procedure: str,
        act: str,
        role: str,
        payload: dict[str, Json],
        case: str,
        event: str = "",
    ) -> dict[str, Json]:
        """Open a dossier by its first act."""
        from passerelle.node.dossiers.domain import open_case  # noqa: PLC0415 - app ready
        from passerelle.node.exercise.clock import node_clock  # noqa: PLC0415 - app ready

        found = open_case(
            peer, procedure, act, payload, role,
            actor=actor_named(by), clock=node_clock(), event=event, case=case,
        )  # fmt: skip
        return {"case": found} if isinstance(found, str) else dict(found.to_json())

    def say(
        self, by: str, case: str, act: str, role: str, payload: dict[str, Json]
    ) -> dict[str, Json]:
        """Say an act in a dossier."""
        from passerelle.node.dossiers.domain import say  # noqa: PLC0415 - app ready
        from passerelle.node.exchange.acts import Release  # noqa: PLC0415 - app ready
        from passerelle.node.exercise.clock import node_clock  # noqa: PLC0415 - app ready

        found = say(case, act, payload, role, actor=actor_named(by), clock=node_clock())
        return {"entry": found.entry_id} if isinstance(found, Release) else dict(found.to_json())

    def said(self, case: str) -> dict[str, Json]:
        """Return state, side and what was said in a dossier so far; empty when there is none."""
        from passerelle.node.dossiers.models import Dossier  # noqa: PLC0415 - app ready
        from passerelle.node.dossiers.queries import open_dossier_value  # noqa: PLC0415

        if not Dossier.objects.filter(case=case).exists():
            return {}
        row, _, found = open_dossier_value(case)
        acts = [*(step.act for step in found.steps)]
        return {
            "state": found.state,
            "side": row.side,
            "settled": found.is_settled,
            "definition": found.definition.digest,
            "acts": [
                {"id": act.id, "act": act.name, "side": act.side, "digest": digest(act.payload),
                 "person": act.person}
                for act in acts
            ],
            "refused": [
                {"act": one.act.name, "side": one.act.side, "code": one.refusal.code}
                for one in found.refused
            ],
        }  # fmt: skip

    def heard(self, case: str, by: str) -> list[Json]:
        """Return what one official reads in a file about a person; the reading is logged."""
        from passerelle.node.dossiers.queries import open_dossier_value  # noqa: PLC0415
        from passerelle.node.exercise.clock import node_clock  # noqa: PLC0415 - app ready

        _, _, found = open_dossier_value(
            case, actor=actor_named(by), clock=node_clock(), why="story of the exercise"
        )
        return [
            {"act": one.act.name, "person": one.act.person, "payload": dict(one.act.payload)}
            for one in found.steps
        ]

    def state(self, case: str) -> str:
        """Return the state in the summary of a dossier; empty when it is not here."""
        from passerelle.node.dossiers.models import Dossier  # noqa: PLC0415 - app ready

        return Dossier.objects.values_list("state", flat=True).filter(case=case).first() or ""

    def designate(self, case: str, officials: list[str]) -> None:
        """Let officials of the cast open a file about a person, once."""
        from passerelle.node.casework.access import designate, is_designated  # noqa: PLC0415
        from passerelle.node.exercise.clock import node_clock  # noqa: PLC0415 - app ready

        clock = node_clock()
        for name in officials:
            if not is_designated(case, actor_named(name), clock.now()):
                designate(
                    case, f"user:{name}", actor=actor_named("approval"), clock=clock, why="exercise"
                )

    def profile(self, document: dict[str, Json]) -> None:
        """Complete and activate the profile of the corridor of persons, once; two people do it."""
        from passerelle.node.dossiers import profiles  # noqa: PLC0415 - app ready
        from passerelle.node.dossiers.models import ProfileVersion  # noqa: PLC0415 - app ready
        from passerelle.node.exercise.clock import node_clock  # noqa: PLC0415 - app ready

        clock, first, second = node_clock(), actor_named("directorate"), actor_named("approval")
        if ProfileVersion.objects.filter(active_from__isnull=False).exists():
            return
        if not ProfileVersion.objects.exists():
            profiles.import_preset("fr-ma", "bilateral-14", actor=first, clock=clock)
        version = profiles.complete_profile("fr-ma", 1, document, actor=first, clock=clock)
        profiles.activate_profile("fr-ma", version.number, actor=second, clock=clock)

    def view(self, case: str) -> dict[str, Json]:
        """Return the whole dossier as the pages and the command line see it."""
        from passerelle.node.dossiers.queries import open_view  # noqa: PLC0415 - app ready
        from passerelle.node.exercise.clock import node_clock  # noqa: PLC0415 - app ready

        return open_view(case, node_clock().now())

    def counts(self, case: str, start: str, end: str) -> list[Json]:
        """Return the 28 figures of a dossier of reinforcement over an interval."""
        from passerelle.node.dossiers.queries import open_dossier_value  # noqa: PLC0415
        from passerelle.node.exercise.clock import node_clock  # noqa: PLC0415 - app ready
        from passerelle.procedures.reinforcement.counts import count_dossier  # noqa: PLC0415

        _, _, found = open_dossier_value(case)
        during = Interval(parse_instant(start), parse_instant(end))
        return [
            [one.stage.value, one.unit.value, one.figure]
            for one in count_dossier(found, during, at=node_clock().now())
        ]

    def missing(self, case: str, person: str, instant: str) -> list[str]:
        """Name what a person on the roll still lacks for a duty."""
        from passerelle.node.dossiers.queries import open_dossier_value  # noqa: PLC0415
        from passerelle.procedures.reinforcement.roll import missing_for_duty  # noqa: PLC0415

        _, _, found = open_dossier_value(case)
        return list(missing_for_duty(found, person, parse_instant(instant)))

    def expect_away(self, peers: list[str]) -> None:
        """Say which peers are not expected to answer; the others are waited for."""
        self.away = set(peers)

    def pending(self) -> list[str]:
        """Name what is still under way: logs without a receipt, acts not folded, receipts awaited."""
        from passerelle.node.dossiers.models import Dossier  # noqa: PLC0415 - app ready
        from passerelle.node.dossiers.summaries import CONSUMER  # noqa: PLC0415 - app ready
        from passerelle.node.exchange.models import Cursor, Log, Projection  # noqa: PLC0415

        found: list[str] = []
        for cursor in Cursor.objects.select_related("log"):
            if cursor.log.peer_id in self.away:
                continue
            if min(cursor.held, cursor.cosigned) < cursor.log.size:
                found.append(f"receipt {cursor.log.origin}")
        given = dict(Projection.objects.filter(name=CONSUMER).values_list("log_id", "next_idx"))
        found += [
            f"intake {log.origin}"
            for log in Log.objects.exclude(peer_id__in=self.away)
            if given.get(log.id, 0) < log.size
        ]
        waiting = Dossier.objects.filter(is_settled=False).exclude(corridor__peer__in=self.away)
        return [*found, *(f"dossier {case[:8]}" for case in waiting.values_list("case", flat=True))]

    def standing(self, peer: str) -> dict[str, Json]:
        """Return how a peer stands here."""
        from passerelle.node.exchange import store  # noqa: PLC0415 - app ready
        from passerelle.node.exercise.clock import node_clock  # noqa: PLC0415 - app ready

        record = store.find_peer(peer)
        if record is None:
            return {}
        freshness = record.trust.freshness(node_clock().now())
        return {"state": record.state.value, "freshness": freshness.value}

    def dormant(self, name: str) -> bool:
        """Tell whether a joint group of that name is dormant here and now."""
        from passerelle.node.dossiers.register import groups  # noqa: PLC0415 - app ready
        from passerelle.node.exercise.clock import node_clock  # noqa: PLC0415 - app ready

        found = groups(node_clock().now())
        return any(one.is_dormant for one in found if one.charter.name == name)

    def pack(self, peer: str, case: str, path: str) -> int:
        """Write the verification pack of a dossier; return its size."""
        from passerelle.node.exchange.packing import make_pack  # noqa: PLC0415 - app ready
        from passerelle.node.exercise.clock import node_clock  # noqa: PLC0415 - app ready

        data = make_pack(peer, node_clock(), case=case)
        Path(path).write_bytes(data)
        return len(data)

    def stix(self, case: str, path: str) -> int:
        """Write a cyber report as a STIX 2.1 bundle; return its size."""
        from passerelle.node.dossiers.queries import open_dossier_value  # noqa: PLC0415
        from passerelle.standards.marks import Handling, Status, Tlp  # noqa: PLC0415 - slow import
        from passerelle.standards.stix.report import CyberReport, write_bundle  # noqa: PLC0415

        row, _, found = open_dossier_value(case)
        first, told = found.opened, found.opened.payload
        data = write_bundle(
            CyberReport(
                entry=first.id, first_entry=first.id, node=row.corridor.peer,
                node_name=row.corridor.peer.upper(), title=str(told["title"]),
                kind=str(told["cyber_type"]), detected=parse_instant(str(told["detected_at"])),
                first_issued=first.issued, issued=first.issued, handling=Handling(Tlp.AMBER),
                status=Status.EXERCISE,
                affected=tuple(str(one) for one in _rows(told["affected"])),
                techniques=tuple(str(one) for one in _rows(told.get("techniques"))),
                action=str(told["action"]),
            )
        )  # fmt: skip
        Path(path).write_bytes(data)
        return len(data)

    def page(self, path: str, language: str = "en") -> dict[str, Json]:
        """Return a page as the visitor sees it."""
        from django.test import Client  # noqa: PLC0415 - app ready

        from passerelle.node.story.cast import VISITOR, find_member  # noqa: PLC0415

        client = Client(headers={"Accept-Language": language, "Host": "localhost"})
        client.force_login(
            find_member(VISITOR), backend="django.contrib.auth.backends.ModelBackend"
        )
        answer = client.get(path)
        body = base64.b64encode(answer.content).decode()
        return {"status": answer.status_code, "body": body}


def _rows(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []


def _serve(folder: Path) -> None:
    from passerelle.node.installation import enter  # noqa: PLC0415 - app ready

    enter(folder)
    from django.db import connection  # noqa: PLC0415 - app ready

    # Whoever started us decides when we end: by closing our input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    voice: Final = Voice()
    for line in sys.stdin:
        asked: dict[str, Any] = json.loads(line)  # Any: arguments of the verb
        verb: Callable[..., Any] = getattr(voice, asked["verb"])  # Any: as above
        try:
            answer: dict[str, Any] = {"ok": verb(**asked["arguments"])}
        except Problem as problem:
            answer = {"problem": problem.code, "text": str(problem)}
        try:
            sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
            sys.stdout.flush()
        except BrokenPipeError:
            break  # whoever asked is gone
    connection.close()


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
