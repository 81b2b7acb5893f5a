"""A cyber report read from its dossier, ready to be written as STIX."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from passerelle.kernel.times import parse_instant
from passerelle.procedures.reinforcement.terms import text_of, texts_of
from passerelle.standards.marks import Handling, Onward, Status, Tlp
from passerelle.standards.stix.report import CyberReport

if TYPE_CHECKING:
    from passerelle.procedures.dossier import Dossier

__all__ = ["report_of"]

_TECHNIQUE: Final = re.compile(r"T\d{4}(\.\d{3})?", re.ASCII)
_NO_ONWARD: Final = "no onward sharing"


def report_of(
    dossier: Dossier, *, node: str, node_name: str, status: Status = Status.ACTUAL
) -> CyberReport:
    """Read the report of a dossier of the procedure ``cyber-report`` as it stands.

    The mark against onward sharing travels as a statement of its own, because the Traffic Light
    Protocol has no word for it. What names no ATT&CK technique stands in the note.

    Parameters
    ----------
    dossier
        The dossier.
    node, node_name
        Node that reports, and its name.
    status
        Whether it is meant, or an exercise.
    """
    opened = dossier.opened
    said = list(dossier.effective("report", "update", "contain", "resolve", "withdraw"))
    marks: Any = opened.payload["handling"]  # checked by the schema: a record
    onward = Onward(text_of(opened.payload, "onward"))
    named = texts_of(opened.payload, "techniques")
    unknown = [one for one in named if _TECHNIQUE.fullmatch(one) is None]
    words = [text_of(opened.payload, "action")]
    words += [text_of(act.payload, "text") for act in said if act.name == "update"]
    words += [f"Techniques without a number: {', '.join(unknown)}"] if unknown else []
    statements = [marks["police"]]
    statements += [] if onward is Onward.FREE else [_NO_ONWARD]
    return CyberReport(
        entry=said[-1].id,
        first_entry=opened.id,
        node=node,
        node_name=node_name,
        title=text_of(opened.payload, "title"),
        kind=text_of(opened.payload, "cyber_type"),
        detected=parse_instant(text_of(opened.payload, "detected_at")),
        first_issued=opened.issued,
        issued=max(act.issued for act in said),
        handling=Handling(Tlp(marks["tlp"]), tuple(statements), onward=onward),
        status=status,
        affected=texts_of(opened.payload, "affected"),
        techniques=tuple(one for one in named if _TECHNIQUE.fullmatch(one)),
        action="\n".join(words),
        is_withdrawn=dossier.state == "withdrawn",
    )
