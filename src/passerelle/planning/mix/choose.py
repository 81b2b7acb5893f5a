"""Choose the best mix of offers in the coverage model, with alternatives and marginal values.

Crews of each offered group are a decision, offers are taken or left where that matters (fixed price,
taken as a whole, a least size, exclusions). The relaxed programme gives a bound; its crews are
rounded up, which costs nothing but presence, and where yes-or-no decisions leave a distance to the
bound the whole-number programme is asked for the rest of the time.

References
----------
Geoffrion and Graves (1974), "Multicommodity distribution system design by Benders decomposition",
for pricing a configuration by its linear programme; the marginal value of an offer is the difference
of two such programmes (Shapley's first step: the last one to join).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from passerelle.kernel.problems import InputError, Issue
from passerelle.planning.mix.programme import MixProgramme
from passerelle.planning.mix.proof import roster_range
from passerelle.planning.mix.values import MixName, MixParams, MixReport, OfferWorth, Sign

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.planning.mix.programme import Choice
    from passerelle.planning.mix.values import Mix, Offer
    from passerelle.planning.roster.instance import Instance
    from passerelle.planning.roster.plan import Plan

__all__ = ["choose_mix"]

_CLOSE: Final = 1e-4
_FEWER: Final = 0.9
"""Part of the summed worth that the alternative with fewer partners keeps."""


def choose_mix(
    instance: Instance,
    offers: Sequence[Offer],
    params: MixParams | None = None,
    *,
    plan: Plan | None = None,
) -> MixReport:
    """Choose which offers to accept.

    Parameters
    ----------
    instance
        Need and the crews already held; the bases of the offers must be among its bases.
    offers
        What may be accepted.
    params
        What counts; defaults when ``None``.
    plan
        A checked plan of the instance with all offers, if there is one: with it the true worth of an
        offer is enclosed from both sides.

    Returns
    -------
    MixReport
        The best mix, alternatives and worths. Same input, same answer, unless time runs out.

    Raises
    ------
    InputError
        When codes clash or are unknown, or conditions contradict each other.
    """
    params = params or MixParams()
    _check(instance, offers)
    began = time.monotonic()

    def left() -> float:
        return max(0.1, params.seconds - (time.monotonic() - began))

    programme = MixProgramme(instance, offers, params, seconds=params.seconds)
    choice = programme.best(seconds=left(), close=_CLOSE)
    best = programme.mix(MixName.BEST, choice)
    worths, choices = [], {}
    for offer in offers:
        if left() <= params.seconds * 0.05:
            break
        worth, other = _worth(programme, choice, offer, params, plan)
        worths.append(worth)
        choices[offer.code] = other
    alternatives = _alternatives(programme, best, worths, choices, seconds=left())
    return MixReport(
        best,
        alternatives,
        tuple(worths),
        time.monotonic() - began,
        is_complete=len(worths) == len(offers),
    )


def _worth(
    programme: MixProgramme, best: Choice, offer: Offer, params: MixParams, plan: Plan | None
) -> tuple[OfferWorth, Choice]:
    """Set the best mix with and without one offer side by side; return the one that is not best."""
    taken = best.takes(offer.code)
    other = programme.without(best, offer) if taken else programme.joined(best, offer)
    without, with_it = (other, best) if taken else (best, other)
    least, most = roster_range(programme, offer, without, with_it, plan)
    worth = without.score - with_it.score
    tolerance = 1e-6 * max(1.0, abs(with_it.score))
    is_model_only = not (least > 0 or most < 0)
    sign = Sign.UNPROVEN
    if least > 0 or (is_model_only and worth > tolerance):
        sign = Sign.HELPS
    elif most < 0 or (is_model_only and worth < -tolerance):
        sign = Sign.COSTS
    saved = {
        skill: round(hours - with_it.missing.get(skill, 0.0), 6)
        for skill, hours in without.missing.items()
        if abs(hours - with_it.missing.get(skill, 0.0)) > 1e-3
    }
    del params
    return (
        OfferWorth(
            offer.code, taken, without.score, with_it.score, least, most, sign, is_model_only, saved
        ),
        other,
    )


def _alternatives(
    programme: MixProgramme,
    best: Mix,
    worths: Sequence[OfferWorth],
    choices: dict[str, Choice],
    *,
    seconds: float,
) -> tuple[Mix, ...]:
    """Return other mixes to set beside the best one, without doubles."""
    began = time.monotonic()
    found: list[Mix] = []
    for name in (MixName.ALL, MixName.NONE, MixName.CHEAPER, MixName.FEWER_PARTNERS):
        if time.monotonic() - began > seconds:
            break
        choice = None
        if name is MixName.ALL:
            choice = programme.everything()
        elif name is MixName.NONE:
            choice = programme.nothing()
        elif name is MixName.CHEAPER:
            choice = programme.cheaper(best)
        else:
            kept = _few(worths)
            choice = programme.only(kept) if kept else None
        if choice is not None:
            found.append(programme.mix(name, choice))
    if choices:
        second = min(choices.values(), key=lambda choice: choice.score)
        found.append(programme.mix(MixName.SECOND, second))
    seen = {best.accepted}
    distinct = []
    for mix in found:
        if mix.accepted not in seen:
            seen.add(mix.accepted)
            distinct.append(mix)
    return tuple(distinct)


def _few(worths: Sequence[OfferWorth]) -> list[str]:
    """Return the accepted offers of most worth that together keep most of it."""
    useful = sorted((w for w in worths if w.is_accepted and w.worth > 0), key=lambda w: -w.worth)
    total, kept, have = sum(w.worth for w in useful), [], 0.0
    for worth in useful:
        if have >= _FEWER * total:
            break
        kept.append(worth.offer)
        have += worth.worth
    return kept


def _check(instance: Instance, offers: Sequence[Offer]) -> None:
    """Refuse clashing codes, unknown bases and contradictory conditions, all at once."""
    issues = []
    codes = [offer.code for offer in offers]
    groups = {group.code for group in instance.groups}
    bases = {base.code for base in instance.bases}
    for i, offer in enumerate(offers):
        place = f"offers[{i}].{offer.code}"
        if codes.count(offer.code) > 1:
            issues.append(_issue(place, "double", "every offer once", offer.code))
        for group in offer.groups:
            if group.code in groups:
                issues.append(_issue(place, "double-group", "every group once", group.code))
            groups.add(group.code)
            if group.base not in bases:
                issues.append(_issue(place, "unknown-base", "a base of the instance", group.base))
        issues += [
            _issue(place, "unknown-offer", "the code of an offer", name)
            for name in (*offer.excludes, *offer.requires)
            if name not in codes
        ]
        if {offer.code, *offer.requires} & set(offer.excludes) or offer.code in offer.requires:
            issues.append(_issue(place, "contradiction", "excludes and requires apart", offer.code))
    if issues:
        raise InputError(issues)


def _issue(place: str, code: str, expected: str, found: str) -> Issue:
    return Issue("offers", 0, place, f"mix.{code}", expected, found)
