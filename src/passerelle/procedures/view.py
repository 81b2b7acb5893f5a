"""A dossier as plain data, for pages, the API and exports.

Everything a page needs stands here with its words in three languages: the state, what was said, what
was refused and why, what is due, and for one office what it may do now and why not the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.kernel.times import format_instant
from passerelle.procedures.deadlines import due
from passerelle.procedures.engine import allowed

if TYPE_CHECKING:
    from datetime import datetime

    from passerelle.kernel.canonical import Json
    from passerelle.kernel.labels import Labels
    from passerelle.procedures.dossier import Dossier
    from passerelle.procedures.values import Act

__all__ = ["allowed_view", "dossier_view", "labels_view"]


def labels_view(labels: Labels) -> dict[str, Json]:
    """Return labels by language."""
    return {"fr": labels.fr, "en": labels.en, "ar": labels.ar}


def dossier_view(dossier: Dossier, now: datetime) -> dict[str, Json]:
    """Return a dossier as plain data.

    Parameters
    ----------
    dossier
        The dossier.
    now
        Present instant, for deadlines.
    """
    definition = dossier.definition
    return {
        "case": dossier.case,
        "procedure": definition.id,
        "version": definition.version,
        "definition": definition.digest,
        "parties": dict(dossier.procedure.parties),
        "state": dossier.state,
        "state_labels": labels_view(dossier.current.labels),
        "is_final": dossier.is_final,
        "is_on_hold": dossier.is_on_hold,
        "is_settled": dossier.is_settled,
        "steps": [
            {
                **_act_view(dossier, step.act),
                "before": step.before,
                "after": step.after,
                "is_effective": step.is_effective,
            }
            for step in dossier.steps
        ],
        "signatures": [
            {"act": name, "side": one.act.side, "id": one.act.id, "digest": one.digest}
            for name, one in sorted(dossier.signatures.items())
        ],
        "refused": [
            {
                **_act_view(dossier, one.act),
                "refusal": one.refusal.to_json(),
                "refusal_labels": {
                    language: one.refusal.text(language) for language in ("fr", "en", "ar")
                },
            }
            for one in dossier.refused
        ],
        "waiting": [_act_view(dossier, act) for act in dossier.waiting],
        "deadlines": [
            {**one.to_json(), "labels": labels_view(one.labels)} for one in due(dossier, now)
        ],
    }


def allowed_view(dossier: Dossier, role: str, side: str, now: datetime) -> list[Json]:
    """Return what a role may do now, and for the rest why not.

    Parameters
    ----------
    dossier
        The dossier.
    role, side
        Who asks.
    now
        Present instant.
    """
    return [
        {
            "act": one.rule.name,
            "labels": labels_view(one.rule.labels),
            "is_allowed": one.is_allowed,
            "is_cosigned": one.rule.is_cosigned,
            "refusal": None if one.refusal is None else one.refusal.to_json(),
            "reason": {}
            if one.refusal is None
            else {language: one.refusal.text(language) for language in ("fr", "en", "ar")},
            "schema": one.rule.schema.document,
        }
        for one in allowed(dossier, role, side, now)
    ]


def _act_view(dossier: Dossier, act: Act) -> dict[str, Json]:
    rule = dossier.definition.acts.get(act.name)
    role = dossier.definition.roles.get(act.role)
    return {
        "id": act.id,
        "act": act.name,
        "labels": {} if rule is None else labels_view(rule.labels),
        "side": act.side,
        "role": act.role,
        "role_labels": {} if role is None else labels_view(role.labels),
        "person": act.person,
        "issued": format_instant(act.issued),
        "received": None if act.received is None else format_instant(act.received),
        "re": list(act.re),
        "payload": dict(act.payload),
    }
