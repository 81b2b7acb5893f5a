"""Take typed fields out of a JSON object, each once; what is left over is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from passerelle.exchange.errors import FrameError

if TYPE_CHECKING:
    from enum import Enum

    from passerelle.kernel.canonical import Json

    E = TypeVar("E", bound=Enum)

__all__ = ["Fields", "refuse"]


def refuse(field: str, expected: str) -> FrameError:
    """Make the error for one field."""
    return FrameError(
        "Expected {field} to be {expected}.",
        code="exchange.field",
        field=field,
        expected=expected,
    )


class Fields:
    """Read the fields of one object.

    Parameters
    ----------
    found
        The object.
    place
        Its name, for messages.
    """

    __slots__ = ("_left", "_place")

    def __init__(self, found: dict[str, Json], place: str) -> None:
        self._left = dict(found)
        self._place = place

    def has(self, name: str) -> bool:
        """Tell whether the field is present and not yet taken."""
        return name in self._left

    def take(self, name: str) -> Json:
        """Take a field as it is; it must be present."""
        if name not in self._left:
            raise refuse(f"{self._place}.{name}", "present")
        return self._left.pop(name)

    def text(self, name: str, default: str | None = None) -> str:
        """Take a text; never empty, absent only with a default."""
        if default is not None and name not in self._left:
            return default
        value = self.take(name)
        if not isinstance(value, str) or not value:
            raise refuse(f"{self._place}.{name}", "a text")
        return value

    def integer(self, name: str, default: int | None = None) -> int:
        """Take an integer; absent only with a default."""
        if default is not None and name not in self._left:
            return default
        value = self.take(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise refuse(f"{self._place}.{name}", "an integer")
        return value

    def flag(self, name: str) -> bool:
        """Take a boolean; absent is false."""
        value = self._left.pop(name, False)
        if not isinstance(value, bool):
            raise refuse(f"{self._place}.{name}", "true or false")
        return value

    def choice(self, name: str, kind: type[E]) -> E:
        """Take a text that is a value of an enumeration."""
        value = self.text(name)
        try:
            return kind(value)
        except ValueError as error:
            raise refuse(f"{self._place}.{name}", f"a known {kind.__name__.lower()}") from error

    def texts(self, name: str) -> tuple[str, ...]:
        """Take a list of texts; absent is empty."""
        value = self._left.pop(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise refuse(f"{self._place}.{name}", "a list of texts")
        return tuple(cast("list[str]", value))

    def mapping(self, name: str) -> dict[str, Json]:
        """Take an object as it is; absent is empty."""
        value = self._left.pop(name, {})
        if not isinstance(value, dict):
            raise refuse(f"{self._place}.{name}", "an object")
        return value

    def object(self, name: str) -> Fields:
        """Take an object; it must be present."""
        value = self.take(name)
        if not isinstance(value, dict):
            raise refuse(f"{self._place}.{name}", "an object")
        return Fields(value, f"{self._place}.{name}")

    def objects(self, name: str) -> list[Fields]:
        """Take a list of objects; absent is empty."""
        value = self._left.pop(name, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise refuse(f"{self._place}.{name}", "a list of objects")
        return [
            Fields(cast("dict[str, Json]", item), f"{self._place}.{name}[{number}]")
            for number, item in enumerate(value)
        ]

    def rest(self) -> dict[str, Json]:
        """Take everything that is left over."""
        found, self._left = self._left, {}
        return found

    def finish(self) -> None:
        """Refuse what is left over."""
        if self._left:
            raise refuse(self._place, f"without the field {min(self._left)[:40]}")
