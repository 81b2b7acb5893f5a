"""Fill a node for browser tests: months of cooperation with a real second node, and two files.

``make_cooperation.py FOLDER PORT``. Both nodes are driven by the command line; the served one gets a
visitor who holds every role, a corridor of persons in force and two files of synthetic persons, one of
them held. The numbers of the dossiers are written to ``cases.json``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.integration.node.test_dossiers_between_nodes import TwoNodes
from tests.simulators.cooperation import Cooperation


def main() -> None:
    """Make the node; the files are added in a process that has entered it."""
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    if "--files" in sys.argv:
        add_files(folder)
        return
    pair = folder.parent / "pair"
    pair.mkdir()
    nodes = TwoNodes(pair)
    talk = Cooperation(nodes)
    talk.meet()
    talk.promise()
    talk.inform()
    talk.count()
    nodes.run("ma", "statistics", "confirm", talk.cases["figures"], "--node", nodes.node("ma"))
    talk.exchange()
    nodes.close()
    nodes.node("fr").rename(folder)
    settings = folder / "passerelle.toml"
    lines = [line for line in settings.read_text("utf-8").splitlines() if "port" not in line]
    lines += [f"port = {port}", "second_factor = false", "public_pages = true"]
    settings.write_text("\n".join(lines) + "\n", "utf-8")
    (folder / "cases.json").write_text(json.dumps(talk.cases), "utf-8")
    subprocess.run([sys.executable, __file__, str(folder), str(port), "--files"], check=True)


def add_files(folder: Path) -> None:
    """Bring a corridor of persons into force and open two files, one held by a bar."""
    from passerelle.node import installation

    installation.enter(folder)
    from tests.factories.files import gates, prepare
    from tests.simulators.case_node import OFFICIALS, PROFILE, official

    from passerelle.kernel.clock import SystemClock
    from passerelle.kernel.labels import Labels
    from passerelle.node.accounts.actor import Actor
    from passerelle.node.accounts.domain import add_office, add_user
    from passerelle.node.accounts.enums import Role
    from passerelle.node.casework.access import designate
    from passerelle.node.dossiers import domain, profiles
    from passerelle.node.exchange.acts import Release
    from passerelle.procedures.profile_document import write_profile

    clock = SystemClock()
    today = clock.now().date()
    office = add_office("visit", Labels("Visite", "Visit", "زيارة"))
    add_user("planner", office, list(Role))
    writer = Actor("user:directorate", frozenset({Role.COOPERATION}))
    approver = Actor("user:director", frozenset({Role.APPROVER}))
    fields = write_profile(PROFILE)
    fields["review_by"] = f"{today.year + 1}-06-30"
    basis = fields["transfer_basis"]
    assert isinstance(basis, dict)
    fields["transfer_basis"] = {**basis, "until": f"{today.year + 2}-01-01"}
    profiles.import_preset("fr-ma", "bilateral-14", actor=writer, clock=clock)
    version = profiles.complete_profile("fr-ma", 1, fields, actor=writer, clock=clock)
    profiles.activate_profile("fr-ma", version.number, actor=approver, clock=clock)
    profiles.import_preset("fr-ma", "eu-russia", actor=writer, clock=clock)

    def opened(person: str) -> str:
        found = domain.open_case(
            "ma", "identification", "prepare", prepare(person=person), "case-officer",
            actor=official("case-officer"), clock=clock,
        )  # fmt: skip
        assert isinstance(found, str), found
        for name in (*OFFICIALS, "planner"):
            designate(found, f"user:{name}", actor=official("approver"), clock=clock, why="test")
        say(found, "submit", "case-officer", {})
        return found

    def say(case: str, act: str, role: str, payload: dict[str, object]) -> None:
        found = domain.say(case, act, payload, role, actor=official(role), clock=clock)  # type: ignore[arg-type]
        assert isinstance(found, Release), found

    cases = json.loads((folder / "cases.json").read_text("utf-8"))
    cases["file-in-review"], cases["file-held"] = opened("SYN-1"), opened("SYN-2")
    answered = gates(today)
    for row in answered:
        row["reasons"] += f" File {cases['file-held'][:8]}."
    say(cases["file-held"], "review", "safeguard-officer", {"gates": answered})
    start = {"started_on": today.isoformat()}
    say(cases["file-held"], "record-detention", "case-officer", start)
    bar = {"bar": "protection", "on": today.isoformat()}
    say(cases["file-held"], "raise-bar", "safeguard-officer", bar)
    (folder / "cases.json").write_text(json.dumps(cases), "utf-8")


if __name__ == "__main__":
    main()
