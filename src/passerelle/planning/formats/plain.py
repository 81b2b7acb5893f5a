"""Values of the planner as plain JSON, and back, for storage and for the interface of programs.

Every value of :mod:`passerelle.planning` is a dataclass over a few kinds of fields, so one pair of
functions serves all. The JSON names the fields as the class does; instants are RFC 3339 in UTC,
enumerations are their value (a word for :class:`Threat`), sets are sorted, arrays are lists.

Reading is strict: a missing, unknown or wrongly typed field is a ``ValueError`` that names its path.
"""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache

import numpy as np

from passerelle.kernel import counts, times
from passerelle.kernel.times import format_instant, parse_instant
from passerelle.planning.force import crews, rules
from passerelle.planning.need import values
from passerelle.planning.need.values import FloatArray, IntArray
from passerelle.planning.programme import event, session, venue

if typing.TYPE_CHECKING:
    from passerelle.kernel.canonical import Json

__all__ = ["from_plain", "to_plain"]

T = typing.TypeVar("T")

_MODULES: typing.Final = (times, counts, venue, session, event, rules, crews, values)
"""Where names in annotations are looked up; most are imported for type checking only."""


def to_plain(value: object) -> Json:
    """Write a value as what JSON can carry.

    Parameters
    ----------
    value
        A dataclass of the planner or anything that one holds.

    Raises
    ------
    TypeError
        When it holds something that has no plain form.
    """
    if isinstance(value, enum.Enum | date):
        return _write_word(value)
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, np.ndarray):
        return typing.cast("Json", value.tolist())  # tolist gives Python numbers
    if isinstance(value, tuple | list | frozenset):
        return [to_plain(i) for i in (sorted(value) if isinstance(value, frozenset) else value)]
    if dataclasses.is_dataclass(value):
        return {
            field.name: to_plain(getattr(value, field.name)) for field in dataclasses.fields(value)
        }
    raise TypeError(f"Expected a value of the planner, got {type(value).__name__}.")


def _write_word(value: enum.Enum | date) -> str:
    if isinstance(value, enum.Enum):
        return value.name.lower() if isinstance(value, enum.IntEnum) else str(value.value)
    return format_instant(value) if isinstance(value, datetime) else value.isoformat()


def from_plain(kind: type[T], data: Json) -> T:
    """Read a value of class ``kind`` written by :func:`to_plain`.

    Raises
    ------
    ValueError
        When something is missing, unknown or of the wrong kind; the message names the path.
    """
    return typing.cast("T", _read(kind, data, kind.__name__))  # _read gives the kind asked


@cache
def _hints(kind: type) -> Mapping[str, object]:
    names: dict[str, object] = {"date": date, "datetime": datetime}
    for module in _MODULES:
        names |= vars(module)
    return typing.get_type_hints(kind, localns=names)


def _read(kind: object, data: object, path: str) -> object:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind in (IntArray, FloatArray):
        return _read_array(kind, data, path)
    if origin in (typing.Union, types.UnionType):
        return _read_union(arguments, data, path)
    if origin in (tuple, frozenset):
        return _read_items(origin, arguments, data, path)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return _read_dataclass(kind, data, path)
    return _read_atom(kind, data, path)


def _read_array(kind: object, data: object, path: str) -> object:
    if not isinstance(data, list) or not all(isinstance(item, int | float) for item in data):
        raise ValueError(f"Expected a list of numbers at {path}.")
    return np.array(data, dtype=np.int64 if kind is IntArray else np.float64)


def _read_union(arguments: tuple[object, ...], data: object, path: str) -> object:
    if data is None:
        if type(None) in arguments:
            return None
        raise ValueError(f"Expected a value at {path}, got null.")
    for argument in arguments:
        if argument is not type(None):
            try:
                return _read(argument, data, path)
            except ValueError:
                continue
    raise ValueError(f"Expected one of {arguments} at {path}, got {data!r}.")


def _read_items(
    origin: object, arguments: tuple[object, ...], data: object, path: str
) -> tuple[object, ...] | frozenset[object]:
    if not isinstance(data, list):
        raise ValueError(f"Expected a list at {path}, got {data!r}.")  # noqa: TRY004 - outside data
    if origin is frozenset:
        return frozenset(_read(arguments[0], item, path) for item in data)
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return tuple(_read(arguments[0], item, f"{path}[{i}]") for i, item in enumerate(data))
    if len(arguments) != len(data):
        raise ValueError(f"Expected {len(arguments)} items at {path}, got {len(data)}.")
    return tuple(_read(kind, item, path) for kind, item in zip(arguments, data, strict=True))


def _read_dataclass(kind: type, data: object, path: str) -> object:
    if not isinstance(data, Mapping):
        raise ValueError(f"Expected an object at {path}, got {data!r}.")  # noqa: TRY004 - same
    hints = _hints(kind)
    names = {field.name for field in dataclasses.fields(kind)}
    if set(data) != names:
        odd = sorted(set(data) ^ names)
        raise ValueError(f"Expected exactly the fields of {kind.__name__} at {path}; see {odd}.")
    return kind(**{name: _read(hints[name], data[name], f"{path}.{name}") for name in names})


def _read_atom(kind: object, data: object, path: str) -> object:
    try:
        if kind is datetime and isinstance(data, str):
            return parse_instant(data)
        if kind is date and isinstance(data, str):
            return date.fromisoformat(data)
        if isinstance(kind, type) and issubclass(kind, enum.IntEnum):
            return kind[str(data).upper()]
        if isinstance(kind, type) and issubclass(kind, enum.Enum):
            return kind(data)
    except (KeyError, ValueError):
        raise ValueError(f"Expected a {kind!r} at {path}, got {data!r}.") from None
    if kind is float and isinstance(data, int | float) and not isinstance(data, bool):
        return float(data)
    if isinstance(kind, type) and type(data) is kind:
        return data
    raise ValueError(f"Expected a {kind!r} at {path}, got {data!r}.")
