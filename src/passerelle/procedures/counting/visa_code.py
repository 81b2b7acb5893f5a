"""I11: the counts of Article 25a of the Visa Code. Counts and facts only; never a score of a state.

Decisions and forced returns come from the requesting state's own statistics: they are *declared*, with
their source. Requests accepted and submitted follow from the cohort, which both sides hold. What the
article calls the stages of the return procedure are facts, each answered yes or no, each with the
source that says so; nothing is added up over them.

References
----------
.. [1] Regulation (EC) No 810/2009 as amended by Regulation (EU) 2019/1155, Article 25a(2).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from passerelle.procedures.counting.cohorts import Category
from passerelle.procedures.counting.indicators import Rate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.kernel.canonical import Json
    from passerelle.procedures.counting.cohorts import Balance

__all__ = ["Declared", "StageFact", "visa_code_counts"]


class StageFact(StrEnum):
    """Name the stages of which Article 25a(2)(d) asks."""

    IDENTIFICATION = "identification-assisted"
    TIMELY_DOCUMENTS = "documents-in-time"
    EU_DOCUMENT = "eu-document-accepted"
    RETURN_ACCEPTED = "return-accepted"
    FLIGHTS = "flights-accepted"


@dataclass(frozen=True, slots=True)
class Declared:
    """State counts that no dossier holds, with where they come from.

    Parameters
    ----------
    decisions
        Enforceable return decisions of the period.
    forced_returns
        Forced returns of the period; not more than the decisions.
    source
        Who counted, and where it is published.
    facts
        Stage facts that are stated; a stage left out is unknown, not a no.
    """

    decisions: int
    forced_returns: int
    source: str
    facts: Mapping[StageFact, bool]

    def __post_init__(self) -> None:
        if not 0 <= self.forced_returns <= self.decisions:
            raise ValueError(
                f"Expected 0 <= forced_returns <= decisions, got {self.forced_returns} "
                f"and {self.decisions}."
            )
        if not self.source.strip():
            raise ValueError("Expected the source of declared counts.")

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Declared:
        """Read the record ``declared-counts`` of a statistics release, checked by its schema."""
        return cls(
            record["decisions"],
            record["forced_returns"],
            record["declared_source"],
            {StageFact(row["stage_fact"]): row["holds"] for row in record.get("stage_facts", ())},
        )


def visa_code_counts(found: Balance, declared: Declared | None) -> Json:
    """Return I11 as plain data.

    Parameters
    ----------
    found
        Balance of the cohort.
    declared
        Counts of the requesting state; ``None`` leaves their part out.

    Returns
    -------
    Json
        Rates with numerator and denominator, and stage facts; no sum over them.
    """
    accepted = found.issued + found[Category.PENDING]
    rates = [Rate("I11-accepted", accepted, found.requests)]
    if declared is not None:
        rates.insert(0, Rate("I11-returned", declared.forced_returns, declared.decisions))
    return {
        "rates": [rate.to_json() for rate in rates],
        "decisions": None if declared is None else declared.decisions,
        "source": None if declared is None else declared.source,
        "stage_facts": {
            fact.value: None if declared is None else declared.facts.get(fact) for fact in StageFact
        },
    }
