"""Read a definition file and check it whole: every complaint at once, with file and key path.

The file is parsed, then each part is built, then the whole is checked (:mod:`.soundness`). Nothing is
half loaded: either there is a :class:`~.definition.Definition` or an
:class:`~passerelle.kernel.problems.InputError` that lists everything wrong.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, TypeVar

from passerelle.kernel.labels import LANGUAGES, Labels
from passerelle.kernel.problems import InputError, Issue, RefusedError
from passerelle.procedures.definition import (
    EITHER,
    ActRule,
    DeadlineRule,
    Definition,
    GuardUse,
    Period,
    Reach,
    Role,
    Start,
    State,
    StateKind,
)
from passerelle.procedures.schema import FieldError, Schema, closed_object
from passerelle.procedures.soundness import complaints
from passerelle.procedures.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from importlib.resources.abc import Traversable

_T = TypeVar("_T")

__all__ = ["DEFINITIONS", "definition", "load_definition", "records"]

DEFINITIONS: Final = (
    "reinforcement",
    "arrangement",
    "information",
    "identification",
    "travel-document",
    "joint-interview",
    "rights-request",
    "judicial",
    "commitment",
    "meeting",
    "statistics-release",
    "cyber-report",
)
"""The procedures that come with the product."""

_TOP: Final = {
    "id": str, "version": int, "family": str, "sides": list, "publicity": str, "handling": dict,
    "guards": list, "indicators": list, "labels": dict, "roles": dict, "states": dict,
    "acts": dict, "deadlines": dict,
}  # fmt: skip
_ROLE: Final = {"side", "timer", *LANGUAGES}
_STATE: Final = {"kind", "outcome", "shown_as", "hidden", *LANGUAGES}
_ACT: Final = {
    "who", "from", "except", "to", "moves", "opens", "fields", "guards", "cosigned", "answers",
    "waits", "priority", "national", "shown_as", "national_fields", *LANGUAGES,
}  # fmt: skip
_DEADLINE: Final = {
    "within", "profile", "until_field", "by", "act", "state", "start", "confirmed_by", "met_by",
    "extended_by", "owner", "calendar", "stops_on_hold", "effect", *LANGUAGES,
}  # fmt: skip
_DEFAULT_PRIORITY: Final = 50


@cache
def definition(name: str) -> Definition:
    """Return a definition that comes with the product.

    Raises
    ------
    RefusedError
        With code ``procedure.unknown`` when there is none of that name.
    """
    if name not in DEFINITIONS:
        raise RefusedError(
            "Unknown procedure {found}; expected one of {expected}.",
            code="procedure.unknown",
            found=name,
            expected=", ".join(DEFINITIONS),
        )
    file = _folder().joinpath(f"{name}.toml")
    return load_definition(file.read_text("utf-8"), f"{name}.toml")


def load_definition(text: str, file: str) -> Definition:
    """Read and check a definition.

    Parameters
    ----------
    text
        Content of the TOML file.
    file
        Its name, for complaints.

    Raises
    ------
    InputError
        With everything that is wrong.
    """
    try:
        document: dict[str, Any] = tomllib.loads(text)  # typed by the checks below
    except tomllib.TOMLDecodeError as error:
        raise InputError(
            [Issue(file, 0, "", "definition.toml", "a TOML file", str(error))]
        ) from None
    reader = _Reader(file, document)
    found = reader.read()
    if found is not None:
        reader.issues.extend(complaints(found, file, vocabulary()))
    if reader.issues or found is None:
        raise InputError(reader.issues)
    return found


@cache
def records() -> Mapping[str, Mapping[str, str]]:
    """Return the records that field types may name."""
    text = _folder().joinpath("fields.toml").read_text("utf-8")
    return {name: dict(fields) for name, fields in tomllib.loads(text).items()}


def _folder() -> Traversable:
    return files("passerelle.procedures").joinpath("definitions")


class _Reader:
    """Build the parts of one file and gather complaints on the way."""

    def __init__(self, file: str, document: dict[str, Any]) -> None:
        self.file = file
        self.document = document
        self.issues: list[Issue] = []

    def complain(self, path: str, code: str, expected: str, found: object = "") -> None:
        self.issues.append(Issue(self.file, 0, path, f"definition.{code}", expected, str(found)))

    def read(self) -> Definition | None:
        """Return the definition, or ``None`` when its outline is wrong."""
        for key, kind in _TOP.items():
            if not isinstance(self.document.get(key), kind):
                self.complain(key, "missing", f"a {kind.__name__}", self.document.get(key, ""))
        for key in self.document.keys() - _TOP.keys():
            self.complain(key, "unknown-key", f"one of {', '.join(_TOP)}", key)
        if self.issues:
            return None
        top = self.document
        if len(top["sides"]) != 2 or top["sides"][0] == top["sides"][1]:
            self.complain("sides", "sides", "two different sides", top["sides"])
            return None
        roles = dict(self._table("roles", self._role, _ROLE))
        states = dict(self._table("states", self._state, _STATE))
        self._names = tuple(states)
        self._kinds = {name: state.kind for name, state in states.items()}
        acts = dict(self._table("acts", self._act, _ACT))
        return Definition(
            id=top["id"],
            version=top["version"],
            family=top["family"],
            sides=(top["sides"][0], top["sides"][1]),
            roles=roles,
            states=states,
            acts=acts,
            deadlines=dict(self._table("deadlines", self._deadline, _DEADLINE)),
            guards=self._guards("guards", top["guards"]),
            publicity=top["publicity"],
            handling=top["handling"],
            indicators=tuple(top["indicators"]),
            labels=self._labels("labels", top["labels"]),
            source={**top, "schemas": {name: rule.schema.document for name, rule in acts.items()}},
        )

    def _table(
        self, table: str, build: Callable[[str, str, dict[str, Any]], _T], keys: set[str]
    ) -> Iterator[tuple[str, _T]]:
        for name, row in self.document[table].items():
            path = f"{table}.{name}"
            if not isinstance(row, dict):
                self.complain(path, "missing", "a table", row)
                continue
            for key in row.keys() - keys:
                self.complain(f"{path}.{key}", "unknown-key", f"one of {', '.join(sorted(keys))}")
            try:
                yield name, build(path, name, row)
            except (KeyError, TypeError, ValueError) as error:
                self.complain(path, "value", "complete and well-formed values", repr(error))

    def _labels(self, path: str, row: Mapping[str, Any]) -> Labels:
        texts = {}
        for language in LANGUAGES:
            text = row.get(language)
            if not isinstance(text, str) or not text.strip():
                self.complain(f"{path}.{language}", "label", f"a label in {language!r}")
                text = "?"
            texts[language] = text
        return Labels(**texts)

    def _role(self, path: str, name: str, row: dict[str, Any]) -> Role:
        return Role(name, row["side"], row.get("timer", False), self._labels(path, row))

    def _state(self, path: str, name: str, row: dict[str, Any]) -> State:
        return State(
            name=name,
            kind=StateKind(row.get("kind", "open")),
            is_outcome=row.get("outcome", False),
            shown_as="" if row.get("hidden") else row.get("shown_as", name),
            labels=self._labels(path, row),
        )

    def _act(self, path: str, name: str, row: dict[str, Any]) -> ActRule:
        return ActRule(
            name=name,
            who=tuple(row["who"]),
            moves=self._moves(row),
            schema=self._schema(path, row.get("fields", {})),
            guards=self._guards(f"{path}.guards", row.get("guards", [])),
            is_cosigned=row.get("cosigned", False),
            answers=tuple(row.get("answers", ())),
            waits=row.get("waits", False),
            priority=row.get("priority", _DEFAULT_PRIORITY),
            reach=Reach.NATIONAL if row.get("national") else Reach.SHARED,
            shown_as=row.get("shown_as", name),
            national_fields=tuple(row.get("national_fields", ())),
            labels=self._labels(path, row),
        )

    def _moves(self, row: dict[str, Any]) -> dict[str, str]:
        """Expand ``from``, ``except``, ``to``, ``moves`` and ``opens`` into state → state."""
        moves: dict[str, str] = {}
        if row.get("opens"):
            moves[""] = row["to"]
        starts: list[str] = []
        for start in row.get("from", []):
            if start == "*":
                starts += [one for one in self._names if self._kinds[one] is StateKind.OPEN]
            else:
                starts.append(start)
        for start in starts:
            if start not in row.get("except", []):
                moves[start] = row["to"]
        moves.update(row.get("moves", {}))
        return moves

    def _schema(self, path: str, fields: Mapping[str, str]) -> Schema:
        for key, notation in fields.items():
            try:
                closed_object({key: notation}, records())
            except FieldError as error:
                self.complain(f"{path}.fields.{key}", "field-type", "a known type", error)
        known = {key: kind for key, kind in fields.items() if self._is_known(kind)}
        return Schema(closed_object(known, records()))

    @staticmethod
    def _is_known(notation: str) -> bool:
        try:
            closed_object({"x": notation}, records())
        except FieldError:
            return False
        return True

    def _guards(self, path: str, names: list[str]) -> tuple[GuardUse, ...]:
        uses = []
        for name in names:
            head, bracket, rest = name.partition("(")
            if bracket and not rest.endswith(")"):
                self.complain(path, "guard", "name or name(argument, …)", name)
            arguments = tuple(part.strip() for part in rest.removesuffix(")").split(",") if part)
            uses.append(GuardUse(head, arguments))
        return tuple(uses)

    def _deadline(self, path: str, name: str, row: dict[str, Any]) -> DeadlineRule:
        if row.get("effect") != "alert":
            self.complain(f"{path}.effect", "effect", "'alert', the only effect", row.get("effect"))
        if "calendar" not in row:
            self.complain(f"{path}.calendar", "calendar", "a side, 'either' or 'both'")
        by = row.get("by", {})
        return DeadlineRule(
            name=name,
            period=Period.parse(row["within"]) if "within" in row else None,
            profile=row.get("profile", ""),
            until_field=row.get("until_field", ""),
            by_field=by.get("field", ""),
            choices={key: Period.parse(text) for key, text in by.items() if key != "field"},
            start_act=row.get("act", ""),
            start_state=row.get("state", ""),
            start=Start(row.get("start", "receipt")),
            confirmed_by=row.get("confirmed_by", ""),
            met_by=tuple(row.get("met_by", ())),
            extended_by=tuple(row.get("extended_by", ())),
            owner=row["owner"],
            calendar=row.get("calendar", EITHER),
            stops_on_hold=row.get("stops_on_hold", False),
            labels=self._labels(path, row),
        )
