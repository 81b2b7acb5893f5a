"""Erase dossiers about persons: destroy the key once all that was said is receipted (S32, S33).

A key is asked for destruction when the dossier ends (erased, discarded), and at the requested state when it
certifies the deletion. It is destroyed only when nothing of this node in the dossier waits for a receipt:
until then the exchange still needs the content to send it. What remains is references, hashes, receipts, and
with them the proof of every sending. Dossiers that belong to the file, a travel document, an interview,
go with it.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from django.db import transaction

from passerelle.node.audit.domain import record
from passerelle.node.casework.models import Erasure
from passerelle.node.dossiers.folding import hear_many
from passerelle.node.dossiers.kinds import is_by_file
from passerelle.node.dossiers.models import Dossier
from passerelle.node.dossiers.related import forget_related
from passerelle.node.exchange.models import Cursor, Entry
from passerelle.node.exchange.station import station
from passerelle.procedures.loading import definition
from passerelle.procedures.sharing import home_side

if TYPE_CHECKING:
    from passerelle.kernel.clock import Clock
    from passerelle.procedures.dossier import Dossier as DossierValue

__all__ = ["ask_erasure", "complete_erasures", "note_end"]

_ENDS: Final = frozenset({"erased", "discarded"})
_PARTS_OF_A_FILE: Final = ("travel-document", "joint-interview")
_LATELY: Final = timedelta(hours=1)


def note_end(found: DossierValue, side: str, clock: Clock) -> None:
    """Ask for the destruction of the key when a dossier has come to the end that calls for it."""
    if not is_by_file(found.definition.id):
        return
    if found.state in _ENDS:
        ask_erasure(found.case, found.state, clock)
        for case in _belonging(found.case, side):
            ask_erasure(case, "file-erased", clock)
    is_home = home_side(definition(found.definition.id)) == side
    if not is_home and found.last("certify-deletion") is not None:
        ask_erasure(found.case, "deletion-certified", clock)


def ask_erasure(case: str, ground: str, clock: Clock) -> None:
    """Write down that the key of a dossier is to be destroyed; nothing when it is already."""
    name = station().keys.fingerprint(case)
    if name is None or Erasure.objects.filter(case=case).exists():
        return
    Erasure.objects.create(case=case, ground=ground, key_name=name, asked_at=clock.now())


def complete_erasures(clock: Clock) -> int:
    """Destroy the keys of which nothing waits for a receipt any more; return how many."""
    done = 0
    for row in Erasure.objects.filter(done_at=None):
        if _waits(row.case):
            continue
        with transaction.atomic():
            new = {"key": row.key_name, "ground": row.ground}
            record("clock", "cases.destroy-key", f"dossier:{row.case}", clock=clock, new=new)
            Erasure.objects.filter(pk=row.pk).update(done_at=clock.now())
            Dossier.objects.filter(pk=row.case).update(
                reference="", event="", due_at=None, due_name="", due_side="", is_owed=False,
                is_settled=True,
            )  # fmt: skip
            transaction.on_commit(partial(_destroy, row.case))
        done += 1
    lately = Erasure.objects.filter(done_at__gt=clock.now() - _LATELY)
    for case in lately.values_list("case", flat=True):
        if station().keys.find(case) is not None and not _is_written_again(case):
            _destroy(case)  # a crash came between the commit and the destruction
    return done


def _destroy(case: str) -> None:
    station().keys.destroy(case)
    forget_related(case)


def _belonging(case: str, side: str) -> list[str]:
    """Return the travel documents and interviews that belong to a file."""
    rows = Dossier.objects.filter(procedure__in=_PARTS_OF_A_FILE, side=side)
    heard = hear_many(list(rows.values_list("case", flat=True)))
    return sorted(
        name
        for name, one in heard.items()
        if any(act.payload.get("identification") == case for act in one.acts)
    )


def _is_written_again(case: str) -> bool:
    """Tell whether something was said in the dossier after its key was destroyed: it has a new one."""
    row = Erasure.objects.get(pk=case)
    return station().keys.fingerprint(case) != row.key_name


def _waits(case: str) -> bool:
    """Tell whether something that this node said in a dossier has no receipt yet."""
    sent = Entry.objects.filter(case=case, log__direction="out").order_by("-idx").first()
    if sent is None:
        return False
    return Cursor.objects.filter(log=sent.log_id, cosigned__lte=sent.idx).exists()
