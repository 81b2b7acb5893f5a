"""A corridor profile as a document: written to JSON, read back with every mistake named.

The digest of the part that both states agreed lets two officials compare what their nodes hold; assessments
and grounds of transfer are each state's own and stay out of it.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from passerelle.kernel.canonical import digest
from passerelle.kernel.problems import RefusedError
from passerelle.procedures.definition import Period, Start
from passerelle.procedures.profile import (
    ASSURANCES,
    Instrument,
    Profile,
    Reply,
    Silence,
    TransferBasis,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from passerelle.kernel.canonical import Json

__all__ = ["AGREED", "agreed_digest", "read_profile", "write_profile"]

_PERIODS: Final = (
    "document_issue",
    "document_validity",
    "document_reissue",
    "transfer_window",
    "submission_window",
    "interview_notice",
    "retention",
)
_TEXTS: Final = ("silence_article", "useful_time", "dpia", "fria", "opinion", "mark")
_CODES: Final = frozenset({"A1", "A2", "A3", "A4", "A5", "B1", "B2", "B3", "B4", "B5", "B6"})
AGREED: Final = (
    "instrument", "proof", "prima_facie", "reply", "silence", "silence_article", "languages",
    "useful_time", "assurances", *_PERIODS,
)  # fmt: skip
"""Fields that both nodes must hold alike, because deadlines and answers follow from them."""


def write_profile(profile: Profile) -> dict[str, Json]:
    """Return a profile as a JSON document; what is not there is left out."""
    instrument, reply, basis = profile.instrument, profile.reply, profile.transfer_basis
    found: dict[str, Json] = {
        "instrument": {
            "name": instrument.name,
            "articles": instrument.articles,
            "is_binding": instrument.is_binding,
        },
        "authorities": dict(profile.authorities),
        "proof": sorted(profile.proof),
        "prima_facie": sorted(profile.prima_facie),
        "silence": profile.silence.value,
        "assurances": sorted(profile.assurances),
        "languages": list(profile.languages),
        "form_mapping": dict(profile.form_mapping),
    }
    found |= {name: getattr(profile, name) for name in _TEXTS if getattr(profile, name)}
    for name in _PERIODS:
        period = getattr(profile, name)
        if period is not None:
            found[name] = str(period)
    if reply is not None:
        found["reply"] = {
            name: str(value)
            for name, value in (
                ("period", reply.period),
                ("starts", reply.starts.value),
                ("accelerated", reply.accelerated),
                ("extended_to", reply.extended_to),
            )
            if value is not None
        }
    if basis is not None:
        found["transfer_basis"] = {"name": basis.name, "until": basis.until.isoformat()}
    if profile.review_by is not None:
        found["review_by"] = profile.review_by.isoformat()
    return found


def agreed_digest(profile: Profile) -> str:
    """Return the digest of the part that both states agreed."""
    document = write_profile(profile)
    return digest({name: document[name] for name in AGREED if name in document})


def read_profile(document: Mapping[str, Any]) -> Profile:
    """Read a profile; nothing that is not a field of it is taken.

    Raises
    ------
    RefusedError
        With code ``corridor.profile``; names the field and what was expected.
    """
    reader = _Reader(document)
    known = {
        "instrument", "authorities", "proof", "prima_facie", "silence", "assurances", "languages",
        "form_mapping", "reply", "transfer_basis", "review_by", *_TEXTS, *_PERIODS,
    }  # fmt: skip
    unknown = sorted(set(document) - known)
    if unknown:
        raise _wrong(unknown[0], "a field of a profile")
    periods = {name: reader.take(name, _period) for name in _PERIODS if name in document}
    texts = {name: reader.take(name, _text) for name in _TEXTS if name in document}
    instrument = reader.record("instrument", {"name", "articles", "is_binding"})
    basis = (
        reader.record("transfer_basis", {"name", "until"}) if "transfer_basis" in document else None
    )
    proof, prima_facie = reader.codes("proof"), reader.codes("prima_facie")
    assurances = frozenset(reader.texts("assurances"))
    if proof & prima_facie or assurances - set(ASSURANCES):
        raise _wrong("proof" if proof & prima_facie else "assurances", "known codes, each once")
    if texts.get("mark", "D") not in {"L", "C", "D"}:
        raise _wrong("mark", "L, C or D")
    return Profile(
        instrument=Instrument(
            _text(instrument["name"]), _text(instrument["articles"]), bool(instrument["is_binding"])
        ),
        authorities=reader.words("authorities"),
        proof=proof,
        prima_facie=prima_facie,
        reply=reader.take("reply", _reply) if "reply" in document else None,
        silence=reader.take("silence", Silence),
        transfer_basis=None
        if basis is None
        else TransferBasis(
            _text(basis["name"]), reader.value("transfer_basis", _day, basis["until"])
        ),
        assurances=assurances,
        review_by=reader.take("review_by", _day) if "review_by" in document else None,
        languages=tuple(reader.texts("languages")),
        form_mapping=reader.words("form_mapping"),
        **periods,
        **texts,
    )


class _Reader:
    """Take fields out of a document; say which one was wrong."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def take(self, name: str, make: Callable[[Any], Any]) -> Any:  # Any: what ``make`` makes
        return self.value(name, make, self._document.get(name))

    def value(self, name: str, make: Callable[[Any], Any], found: Any) -> Any:  # Any: outside value
        try:
            return make(found)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise _wrong(name, str(error) or "a value of its type") from error

    def record(self, name: str, keys: set[str]) -> Mapping[str, Any]:
        found = self._document.get(name)
        if not isinstance(found, dict) or set(found) != keys:
            raise _wrong(name, f"a record of {', '.join(sorted(keys))}")
        return found

    def texts(self, name: str) -> list[str]:
        found = self._document.get(name, [])
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise _wrong(name, "a list of texts")
        return found

    def words(self, name: str) -> dict[str, str]:
        found = self._document.get(name, {})
        if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
            raise _wrong(name, "texts by name")
        return dict(found)

    def codes(self, name: str) -> frozenset[str]:
        found = frozenset(self.texts(name))
        if found - _CODES:
            raise _wrong(name, "evidence codes A1 to A5 and B1 to B6")
        return found


def _reply(found: Mapping[str, str]) -> Reply:
    return Reply(
        Period.parse(found["period"]),
        Start(found["starts"]),
        Period.parse(found["accelerated"]) if "accelerated" in found else None,
        Period.parse(found["extended_to"]) if "extended_to" in found else None,
    )


def _period(found: object) -> Period:
    return Period.parse(_text(found))


def _day(found: object) -> date:
    return date.fromisoformat(_text(found))


def _text(found: object) -> str:
    if not isinstance(found, str) or len(found) > 500:
        raise ValueError("a text of at most 500 characters")
    return found


def _wrong(name: str, expected: str) -> RefusedError:
    return RefusedError(
        "Field {name} of the profile: expected {expected}.",
        code="corridor.profile",
        name=name[:40],
        expected=expected[:200],
    )
