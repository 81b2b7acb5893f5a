"""Two nodes cooperate over months: a meeting, its commitments, information, and figures of both."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from tests.factories.standing import CHARTER, WORDING, agreement, proposal

if TYPE_CHECKING:
    from tests.integration.node.test_dossiers_between_nodes import TwoNodes

MINUTES = "a" * 64
CYBER = {
    "fr": "Échanger les indicateurs techniques dans l’heure.",
    "en": "Exchange technical indicators within the hour.",
    "ar": "تبادل المؤشرات التقنية خلال ساعة.",
}
HANDLING = {"tlp": "AMBER", "police": "H2"}
QUESTION = {
    "purpose": "Security of the match at Saint-Étienne.",
    "legal_ground": "Agreement of 2000 on security",
    "subject": "Supporters travelling to Saint-Étienne",
    "questions": ["How many travel, by which route?"],
    "urgency": "FLASH",
    "handling": HANDLING,
    "channel": "passerelle",
}
ASSESSMENT = {
    "scope": "Match of 24 July", "native_level": "elevated", "level_1_to_5": 3,
    "hypotheses": ["Supporters without tickets gather near the station."],
    "valid_until": "2024-07-26T00:00:00Z", "assessment_version": 1, "source_evaluation": "B",
    "information_evaluation": "2", "handling": {"tlp": "AMBER+STRICT", "police": "H3"},
    "onward": "none",
}  # fmt: skip
REPORT = {
    "title": "Phishing against ticket holders", "cyber_type": "phishing", "severity": 3,
    "detected_at": "2024-07-20T08:00:00Z", "affected": ["ticket shop"], "urgency": "URGENT",
    "handling": HANDLING, "onward": "consent", "techniques": ["T1566.002"],
    "action": "Block the domain; warn holders.",
}  # fmt: skip


class Cooperation:
    """Say whole episodes on two nodes, each act on the node of its side."""

    def __init__(self, nodes: TwoNodes) -> None:
        self.nodes = nodes
        self.cases: dict[str, str] = {}

    def open(self, name: str, node: str, opening: str, role: str, fields: Any) -> str:
        """Open a dossier; remember it under a name."""
        procedure, act = opening.split("/")
        other = "ma" if node == "fr" else "fr"
        words = ["dossier", "open", other, procedure, act, "--role", role, "--fields", "-"]
        case = self.nodes.run(node, *words, "--node", self.nodes.node(node), stdin=fields)
        self.cases[name] = case
        self.exchange()
        return case

    def say(self, node: str, name: str, act: str, role: str, fields: Any) -> str:
        """Say an act and carry it over."""
        entry = self.nodes.say(node, self.cases[name], act, role, fields)
        self.exchange()
        return entry

    def sign(self, name: str, act: str, role: str, fields: Any) -> None:
        """Let both sides sign the same."""
        self.say("fr", name, act, role, fields)
        self.say("ma", name, act, role, fields)

    def exchange(self) -> None:
        """Carry everything both ways, receipts too."""
        self.nodes.carry("fr", "ma")
        self.nodes.carry("ma", "fr")
        for node in ("fr", "ma"):
            self.nodes.run(node, "dossier", "list", "--node", self.nodes.node(node))

    def meet(self) -> None:
        """Call a meeting, hold it, adopt its minutes, turn a decision into a commitment."""
        call = {
            "charter": CHARTER, "starts_at": "2024-04-22T09:00:00Z", "place": "Rabat",
            "items_proposed": ["Consular passes", "Visas"],
        }  # fmt: skip
        self.open("meeting", "fr", "meeting/call", "secretary", call)
        self.sign("meeting", "agree-agenda", "co-chair", {"agenda": ["Consular passes", "Visas"]})
        held = {"on": "2024-04-22", "present_first": 4, "present_second": 3}
        self.say("fr", "meeting", "hold", "secretary", held)
        decisions = [
            {"decision": "D1", "text": "Issue consular passes in useful time."},
            {"decision": "D2", "text": "Exchange technical indicators within the hour."},
        ]
        drafted = {"minutes_hash": MINUTES, "decisions": decisions, "languages": ["fr", "ar"]}
        self.say("fr", "meeting", "draft-minutes", "secretary", drafted)
        self.say("fr", "meeting", "exchange", "secretary", {"minutes_hash": MINUTES})
        self.sign("meeting", "adopt", "co-chair", {"minutes_hash": MINUTES})

    def promise(self) -> None:
        """Agree two commitments; one is claimed by one side and contested by the other."""
        self.open("passes", "fr", "commitment/propose", "lead", proposal())
        self.sign("passes", "agree", "signatory", agreement())
        cyber = proposal(pillar="Cyber", objective="Indicators", sector="cyber", action_text=CYBER)
        self.open("cyber", "ma", "commitment/propose", "lead", cyber)
        sheet = {
            "indicator_name": "Indicators within the hour", "baseline": 0, "target": 90,
            "indicator_unit": "%", "indicator_source": "register",
        }  # fmt: skip
        agreed = agreement(action_text=CYBER, indicator=sheet, publicity_class="restricted")
        self.sign("cyber", "agree", "signatory", agreed)
        for number, name in ((1, "passes"), (2, "cyber")):
            self.say("fr", name, "start", "lead", {})
            linked = {"decision": f"D{number}", "commitment_case": self.cases[name]}
            self.say("fr", "meeting", "link-decision", "secretary", linked)
        late = {"own_status": "late", "phase": "working", "actual": 41}
        self.say("fr", "passes", "report", "lead", late)
        self.say("ma", "passes", "claim", "lead", {"evidence_link": "Register of June"})
        no = {"own_status": "not-done", "reason": "41 % in useful time, not 60."}
        self.say("fr", "passes", "contest", "lead", no)
        good = {"own_status": "on-track", "phase": "working", "evidence_link": "Log of exchanges"}
        self.say("ma", "cyber", "report", "lead", good)
        assert WORDING["ar"] in str(self.nodes.show("ma", self.cases["passes"]))

    def inform(self) -> str:
        """Ask with FLASH urgency, assess without onward sharing, ask consent; report a phishing."""
        self.open("question", "fr", "information/ask", "asker", QUESTION)
        self.open("assessment", "ma", "information/assess", "answerer", ASSESSMENT)
        source = self.nodes.show("fr", self.cases["assessment"])["steps"][0]["id"]
        use = {"source": source, "use": "police", "recipient": "Prefecture of the Loire"}
        refused = self.nodes.say(
            "fr", self.cases["assessment"], "pass-on", "originator", use, expect=3
        )
        self.say("fr", "assessment", "ask-consent", "originator", use | {"reason": "Deployment."})
        self.open("phishing", "fr", "cyber-report/report", "analyst", REPORT)
        return refused

    def count(self) -> tuple[str, str]:
        """Compute figures on one node, confirm them on the other; return both statements."""
        today = datetime.now(UTC).date()
        days = ["--from", date(today.year, 1, 1), "--to", today, "--cut-off", today]
        said = [
            self.nodes.run(
                one, "statistics", "show", "fr-ma", *days, "--node", self.nodes.node(one)
            )
            for one in ("fr", "ma")
        ]
        self.cases["figures"] = self.nodes.run(
            "fr", "statistics", "compute", "fr-ma", *days, "--node", self.nodes.node("fr")
        )
        self.exchange()
        return said[0], said[1]
