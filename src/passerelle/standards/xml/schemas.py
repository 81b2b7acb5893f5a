"""Published XML schemas, read from a folder that the operator names.

The schemas are documents of OASIS, W3C and others and are not part of this package (decision 71).
A node that has them names their folder; then what comes in and what goes out is checked against
them. Without a folder our own checks of structure and rules still run, and the caller learns that
the schema check was skipped.

Loading never leaves the folder: an import that points elsewhere is an error. Files are compared with
the digests of those that this package was tested with (``published.toml``), because a schema that
somebody edited would quietly change what is valid.
"""

from __future__ import annotations

import hashlib
import tomllib
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlparse

from passerelle.kernel.problems import Issue
from passerelle.standards.problems import SchemaFolderError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml import etree

__all__ = ["SchemaFolder", "SchemaSet"]


class SchemaSet(StrEnum):
    """The sets of XML schemas, by the name of their folder."""

    RM = "edxl-rm-1.0"
    DE = "edxl-de-2.0"
    CAP = "cap-1.2"


_MAX_ISSUES: Final = 20


class SchemaFolder:
    """Load schemas from a folder, once each, and check trees against them.

    Parameters
    ----------
    path
        Folder that holds one folder a set, named as in :class:`SchemaSet`.

    Raises
    ------
    SchemaFolderError
        When the folder does not exist.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_dir():
            raise SchemaFolderError(
                "Expected a folder of schemas at {path}, found none.",
                code="schemas.no-folder",
                path=str(path),
            )
        self._path = path.resolve()
        self._loaded: dict[tuple[SchemaSet, str], etree.XMLSchema] = {}

    def check(
        self, root: etree._Element, schemas: SchemaSet, file: str, *, name: str
    ) -> tuple[Issue, ...]:
        """Return what the schema finds wrong in a tree; empty when it is valid.

        Parameters
        ----------
        root
            Root of the tree.
        schemas, file
            Set, and path of the schema file inside it.
        name
            Name of the document in the issues.

        Raises
        ------
        SchemaFolderError
            When the schema is absent or not the published one.
        """
        schema = self._schema(schemas, file)
        if schema.validate(root):
            return ()
        # The stubs of lxml give the log no iterator.
        errors = list(schema.error_log)  # type: ignore[call-overload]
        return tuple(
            Issue(name, error.line, error.path or "", "xml.schema", f"schema {file}", error.message)
            for error in errors[:_MAX_ISSUES]
        )

    def complaints(self) -> Iterator[str]:
        """Yield one line for each file that is missing or is not the published one."""
        for schemas in SchemaSet:
            for file, digest in _published()[schemas].items():
                path = self._path / schemas / file
                if not path.is_file():
                    yield f"{schemas}/{file}: expected a schema file, found none"
                elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
                    yield f"{schemas}/{file}: expected SHA-256 {digest}, found another"

    def _schema(self, schemas: SchemaSet, file: str) -> etree.XMLSchema:
        from lxml import etree  # noqa: PLC0415 - slow import

        key = (schemas, file)
        if key not in self._loaded:
            base = self._path / schemas
            refusals: list[SchemaFolderError] = []
            try:
                tree = etree.parse(str(base / file), _parser(base, _published()[schemas], refusals))
                self._loaded[key] = etree.XMLSchema(tree)
            except (etree.XMLSchemaParseError, etree.XMLSyntaxError, OSError) as error:
                if refusals:  # libxml2 reports a refused import in words of its own
                    raise refusals[0] from error
                raise SchemaFolderError(
                    "Expected a loadable schema {file}, got: {reason}",
                    code="schemas.not-loadable",
                    file=f"{schemas}/{file}",
                    reason=str(error)[:200],
                ) from error
        return self._loaded[key]


@cache
def _published() -> Mapping[str, Mapping[str, str]]:
    text = files("passerelle.standards.xml").joinpath("published.toml").read_text("utf-8")
    table: Mapping[str, Mapping[str, str]] = tomllib.loads(text)
    return table


def _parser(
    base: Path, digests: Mapping[str, str], refusals: list[SchemaFolderError]
) -> etree.XMLParser:
    """Return a parser that hands out published files of one folder and nothing else."""
    from lxml import etree  # noqa: PLC0415 - slow import

    class Inside(etree.Resolver):
        # lxml calls it with a context that its stubs leave out, and Any is what they return.
        def resolve(  # type: ignore[override]
            self,
            system_url: str,
            public_id: str,  # noqa: ARG002 - lxml's signature
            context: object,
        ) -> Any:
            try:
                content = _published_content(base, digests, system_url)
            except SchemaFolderError as error:
                refusals.append(error)
                raise
            return self.resolve_string(content, context, base_url=system_url)

    parser = etree.XMLParser(no_network=True, load_dtd=False, resolve_entities=False)
    parser.resolvers.add(Inside())
    return parser


def _published_content(base: Path, digests: Mapping[str, str], url: str) -> bytes:
    """Return the content of a schema file, if it is a published one inside the folder."""
    parts = urlparse(url)
    path = Path(unquote(parts.path)).resolve()
    file = path.relative_to(base).as_posix() if path.is_relative_to(base) else ""
    if file not in digests or parts.scheme not in {"", "file"}:
        raise SchemaFolderError(
            "Expected schemas to import published files of their folder, got {url}.",
            code="schemas.import-outside",
            url=url,
        )
    if not path.is_file():
        raise SchemaFolderError(
            "Expected the schema {file}, found none.", code="schemas.missing", file=file
        )
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != digests[file]:
        raise SchemaFolderError(
            "Expected the published schema {file}, found another content.",
            code="schemas.changed",
            file=file,
        )
    return content
