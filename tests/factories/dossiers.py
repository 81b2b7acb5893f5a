"""Build acts and dossiers of two states for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from passerelle.procedures.dossier import Dossier, Procedure
from passerelle.procedures.engine import apply, open_dossier
from passerelle.procedures.loading import definition
from passerelle.procedures.profile import Corridor
from passerelle.procedures.values import Act, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.procedures.definition import Definition
    from passerelle.procedures.rulepacks import RulePack

START = datetime(2024, 4, 22, 9, 0, tzinfo=UTC)
OPENING = "2024-07-24T00:00:00Z"
ENDING = "2024-08-02T00:00:00Z"


def procedure(
    found: Definition | str,
    corridor: Corridor | None = None,
    rules: tuple[RulePack, ...] = (),
    states: tuple[str, str] = ("FR", "MA"),
) -> Procedure:
    """Bind a definition between two states."""
    if isinstance(found, str):
        found = definition(found)
    return Procedure(
        found,
        corridor or Corridor("fr-ma", ("FR", "MA")),
        dict(zip(found.sides, states, strict=True)),
        rules,
    )


class Talk:
    """Say acts one after the other, each received an hour after it was said."""

    def __init__(self, bound: Procedure, start: datetime = START) -> None:
        self.procedure = bound
        self.now = start
        self.dossier: Dossier | None = None
        self.acts: list[Act] = []
        self.last_refusal: Refusal | None = None

    @property
    def now_dossier(self) -> Dossier:
        assert self.dossier is not None
        return self.dossier

    @property
    def state(self) -> str:
        return self.now_dossier.state

    def act(self, name: str, **fields: Any) -> Act:
        """Write an act without saying it; ``role_``, ``person_``, ``re_``, ``side_`` override."""
        rule = self.procedure.definition.acts[name]
        role = fields.pop("role_", rule.who[0])
        side = fields.pop("side_", None) or self.procedure.definition.roles[role].side
        if side == "either":
            side = self.procedure.definition.sides[0]
        mine = sum(1 for act in self.acts if act.side == side)
        person = fields.pop("person_", f"{side}-{role}")
        re = fields.pop("re_", None)
        if re is None:
            re = self._answered(rule.answers)
        return Act(
            id=f"{side}-{len(self.acts)}-{name}",
            name=name,
            side=side,
            role=role,
            issued=self.now,
            payload=fields,
            person=person,
            received=self.now + timedelta(hours=1),
            re=re,
            origin=f"{side}/to/other",
            index=mine,
            seen=len(self.acts) - mine,
        )

    def _answered(self, names: tuple[str, ...]) -> tuple[str, ...]:
        found = self.dossier.last(*names) if self.dossier and names else None
        return () if found is None else (found.id,)

    def try_(self, name: str, **fields: Any) -> Dossier | Refusal:
        """Return what an act would lead to, without keeping it."""
        act = self.act(name, **fields)
        if self.dossier is None:
            return open_dossier("case", self.procedure, act)
        return apply(self.dossier, act)

    def say(self, name: str, **fields: Any) -> Act:
        """Say an act that must be taken in."""
        act = self.act(name, **fields)
        result = (
            open_dossier("case", self.procedure, act)
            if self.dossier is None
            else apply(self.dossier, act)
        )
        assert isinstance(result, Dossier), (name, result.code, result.reason)
        self.dossier = result
        self.acts.append(act)
        self.now += timedelta(hours=2)
        return act

    def sign(self, name: str, **fields: Any) -> None:
        """Sign an act on both sides."""
        rule = self.procedure.definition.acts[name]
        roles = [self.procedure.definition.roles[role] for role in rule.who]
        for side in self.procedure.definition.sides:
            role = next(one.name for one in roles if one.side in {side, "either"})
            self.say(name, role_=role, side_=side, **fields)

    def refusal(self, name: str, **fields: Any) -> str:
        """Return the code with which an act is refused."""
        result = self.try_(name, **fields)
        assert isinstance(result, Refusal), f"{name} was taken in"
        return result.code


def line(code: str = "L1", **changes: Any) -> dict[str, Any]:
    """Build a request line: bomb disposal at Saint-Étienne, doubled."""
    row: dict[str, Any] = {
        "line": code,
        "capability": "eod",
        "posts": 4,
        "present": 8,
        "people": 10,
        "places": ["STE"],
        "from": OPENING,
        "to": ENDING,
        "task": "Double bomb-disposal capacity on match days.",
        "command": "host",
        "priority": "P1",
        "needs": ["need-1"],
    }
    return row | changes


def request(**changes: Any) -> dict[str, Any]:
    """Build the fields of a request."""
    fields: dict[str, Any] = {
        "reference": "FR-2024-001",
        "event": "paris-2024",
        "issuing_authority": "Ministry of the Interior, France",
        "signatory": "Head of the cooperation directorate",
        "addressee": "Ministry of the Interior, Morocco",
        "legal_basis": "Agreement of 2000 on security",
        "issued_on": "2024-04-22",
        "answer_by": "2024-05-10T18:00:00Z",
        "handling": {"tlp": "AMBER", "police": "H0"},
        "languages": ["fr", "ar"],
        "contact_24_7": "+33 1 00 00 00 00",
        "lines": [line()],
    }
    return fields | changes


def offer(code: str = "O1", **changes: Any) -> dict[str, Any]:
    """Build a full offer on line L1."""
    row: dict[str, Any] = {
        "offer": code,
        "line": "L1",
        "answer": "full",
        "unit": "Bomb-disposal service",
        "capability": "eod",
        "posts": 4,
        "present": 8,
        "people": 10,
        "places": ["STE"],
        "from": OPENING,
        "to": ENDING,
        "command": "host",
        "valid_until": "2024-05-15T18:00:00Z",
        "approving_authority": "Ministry of the Interior, Morocco",
    }
    return row | changes


def item(code: str = "I1", **changes: Any) -> dict[str, Any]:
    """Build an item of a commitment that draws on O1 in full."""
    row: dict[str, Any] = {
        "item": code,
        "offer": "O1",
        "capability": "eod",
        "posts": 4,
        "present": 8,
        "people": 10,
        "places": ["STE"],
        "from": OPENING,
        "to": ENDING,
    }
    return row | changes


def person(code: str, **changes: Any) -> dict[str, Any]:
    """Build a synthetic person of the roll."""
    row: dict[str, Any] = {
        "person": code,
        "item": "I1",
        "family_name": "Exemple",
        "given_name": "Personne",
        "rank": "Officer",
        "service_number": f"S{code}",
        "nationality": "MA",
        "birth_date": "1985-01-01",
        "passport": f"P{code}",
        "role": "EOD technician",
        "from": OPENING,
        "to": ENDING,
    }
    return row | changes


def committed(**terms: Mapping[str, Any]) -> Talk:
    """Lead a dossier of reinforcement up to the co-signed commitment."""
    talk = Talk(procedure("reinforcement"))
    talk.say("request", **request())
    talk.say("offer", offers=[offer()])
    talk.say("accept", accepted_offers=["O1"])
    talk.sign("commit", commitment="C1", level="technical", items=[item(**terms)])
    talk.sign("bind", arrangement="case-2", text_hash="a" * 64, signed_on="2024-06-20")
    return talk


def cleared(code: str = "P1", **terms: Any) -> Talk:
    """Lead a dossier up to one person who may be put on duty."""
    talk = committed(**terms)
    talk.say("name", persons_named=[person(code)])
    talk.say("vet", person=code, result="cleared")
    talk.say("accredit", person=code, number_of_badge="B1", valid_until="2024-09-15")
    talk.say("brief", persons=[code], on="2024-07-20", language="fr", rule_card="RC1")
    return talk
