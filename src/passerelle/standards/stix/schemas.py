"""The published JSON schemas of STIX 2.1, from the folder that the operator names.

Each object is checked by the schema of its own type: ``bundle.json`` leaves out five types, refuses
every custom object and is slow. The ``$id`` of the files are web addresses; all files are loaded into
a registry first and nothing is ever fetched. ``type`` is looked up in a closed list before any
pattern sees it, and exponential patterns are swapped (:mod:`passerelle.standards.patterns`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from passerelle.kernel.problems import Issue
from passerelle.standards.patterns import linear_schema
from passerelle.standards.problems import SchemaFolderError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from jsonschema.protocols import Validator

    from passerelle.kernel.canonical import Json

__all__ = ["StixSchemas"]

_SET: Final = "stix-2.1/schemas"
_NAMED: Final = {"sdos", "sros", "observables"}
_COMMON: Final = ("extension-definition", "language-content", "marking-definition")


class StixSchemas:
    """Load the schemas once and check objects against them.

    Parameters
    ----------
    path
        Folder of schemas; it holds ``stix-2.1/schemas`` as published.

    Raises
    ------
    SchemaFolderError
        When the set is absent or not loadable.
    """

    def __init__(self, path: Path) -> None:
        base = path / _SET
        if not base.is_dir():
            raise SchemaFolderError(
                "Expected the STIX 2.1 schemas at {path}, found none.",
                code="schemas.no-folder",
                path=str(base),
            )
        self._contents: dict[str, Any] = {}
        self._by_type: dict[str, str] = {}
        for file in sorted(base.rglob("*.json")):
            try:
                content: Any = linear_schema(json.loads(file.read_text("utf-8")))
                self._contents[content["$id"]] = content
            except (ValueError, KeyError, TypeError, OSError) as error:
                raise SchemaFolderError(
                    "Expected a loadable schema {file}, got: {reason}",
                    code="schemas.not-loadable",
                    file=file.name,
                    reason=str(error)[:200],
                ) from error
            if file.parent.name in _NAMED or file.stem in _COMMON:
                self._by_type[file.stem] = content["$id"]
        self._validators: dict[str, Validator] = {}

    @property
    def types(self) -> frozenset[str]:
        """Every object type that a schema describes."""
        return frozenset(self._by_type)

    def check(self, value: Mapping[str, Json], *, name: str) -> tuple[Issue, ...]:
        """Return what the schema of an object's type finds wrong; empty when it is valid.

        Parameters
        ----------
        value
            The object.
        name
            Name of the document in the issues.
        """
        kind = value.get("type")
        if not isinstance(kind, str) or kind not in self._by_type:
            expected = "one of " + ", ".join(sorted(self._by_type))
            return (Issue(name, 0, "type", "stix.type", expected, str(kind)[:80]),)
        errors = self._validator(kind).iter_errors(value)
        return tuple(
            Issue(name, 0, error.json_path, "stix.schema", f"schema {kind}", error.message[:80])
            for error in errors
        )

    def _validator(self, kind: str) -> Validator:
        from jsonschema import Draft202012Validator  # noqa: PLC0415 - slow import
        from referencing import Registry, Resource  # noqa: PLC0415 - slow import

        if kind not in self._validators:
            resources = [
                (uri, Resource.from_contents(content)) for uri, content in self._contents.items()
            ]
            registry: Registry[Any] = Registry().with_resources(resources)
            schema = self._contents[self._by_type[kind]]
            self._validators[kind] = Draft202012Validator(schema, registry=registry)
        return self._validators[kind]
