"""Make synthetic persons for tests and demonstrations; nobody here is real (S53).

Names are invented and say so, numbers begin with ``SYN``, places are of no country. The same seed gives
the same persons.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from random import Random

    from passerelle.kernel.canonical import Json

__all__ = ["SyntheticPerson", "synthetic_person"]

_FAMILY: Final = ("Exemple", "Specimen", "Modele", "Fictif", "Imaginaire", "Muster", "Placeholder")
_GIVEN: Final = ("Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta", "Eta", "Theta", "Iota")
_PLACES: Final = ("Ville Exemple", "Port Specimen", "Mont Fictif", "Oasis Modele")
_OLDEST: Final = date(1960, 1, 1)
_DAYS: Final = 14_600


@dataclass(frozen=True, slots=True)
class SyntheticPerson:
    """Hold an invented person.

    Parameters
    ----------
    reference
        Opaque reference, ``SYN-…``.
    names, birth_place
        Invented words.
    birth_date
        Day of birth, an adult's in 2024.
    document
        Number of an invented passport, ``SYN…``.
    """

    reference: str
    names: str
    birth_date: date
    birth_place: str
    document: str

    def envelope(self, reference: str, corridor: str, nationality: str) -> dict[str, Json]:
        """Return the envelope of a request on this person."""
        return {
            "reference": reference,
            "corridor": corridor,
            "names": self.names,
            "sex_in_documents": "X",
            "birth_date": self.birth_date.isoformat(),
            "birth_place": self.birth_place,
            "nationality_claimed": nationality,
            "documents": [{"document_code": "A1", "number_of_document": self.document}],
            "wishes_interview": False,
            "notice_language": "ar",
            "lawyer_named": True,
        }


def synthetic_person(rng: Random) -> SyntheticPerson:
    """Make one person.

    Parameters
    ----------
    rng
        Source of randomness; the same state gives the same person.
    """
    number = rng.randrange(10**8)
    return SyntheticPerson(
        reference=f"SYN-{number:08}",
        names=f"{rng.choice(_FAMILY)} {rng.choice(_GIVEN)} {rng.choice(_GIVEN)}",
        birth_date=_OLDEST + timedelta(days=rng.randrange(_DAYS)),
        birth_place=rng.choice(_PLACES),
        document=f"SYN{number:08}",
    )
