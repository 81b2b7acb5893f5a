"""Write the reference pages of the procedures from the definitions themselves.

One page a procedure: who, states, every state × act (allowed, and where it leads, or not), fields,
deadlines, guards. A test proves that the pages in ``docs/reference/procedures`` are in step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.procedures.definition import SAME, Reach, StateKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.procedures.definition import ActRule, DeadlineRule, Definition

__all__ = ["definition_page", "index_page"]

_NOTE = "Generated from the definitions by `tools/procedures_docs.py`; do not edit."


def index_page(definitions: Mapping[str, Definition]) -> str:
    """Return the page that lists all procedures."""
    rows = [
        f"| [{name}]({name}.md) | {one.version} | {one.labels.fr} | {one.labels.en} | "
        f"{one.labels.ar} | {len(one.states)} | {len(one.acts)} | {len(one.deadlines)} |"
        for name, one in definitions.items()
    ]
    head = "| id | version | FR | EN | AR | states | acts | deadlines |\n|---|---|---|---|---|---|---|---|"
    return f"# Procedures\n\n{_NOTE}\n\n{head}\n" + "\n".join(rows) + "\n"


def definition_page(found: Definition) -> str:
    """Return the reference page of one procedure."""
    parts = [
        f"# {found.labels.en} (`{found.id}`)",
        _NOTE,
        f"{found.labels.fr} · {found.labels.ar}",
        (
            f"Version {found.version} · family `{found.family}` · sides `{found.sides[0]}` and "
            f"`{found.sides[1]}` · publicity `{found.publicity}`"
        ),
        f"Digest `{found.digest}`",
        "Guards of every act: " + ", ".join(f"`{use}`" for use in found.guards) + ".",
        "## Roles",
        "\n".join(_roles(found)),
        "## States",
        "\n".join(_states(found)),
        "## Acts",
        "\n".join(_acts(found)),
        "## Fields",
        "\n\n".join(_fields(rule) for rule in found.acts.values() if rule.schema.fields),
        "## Every state and act",
        (
            "A cell names the state to which the act leads, `=` when the state stays, `<` when it goes "
            "back to the state before the hold, `·` when the act is refused as out of turn."
        ),
        "\n".join(_matrix(found)),
        "## Deadlines",
        "Passing a deadline alerts and changes nothing.",
        "\n".join(_deadlines(found)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _roles(found: Definition) -> Iterator[str]:
    yield "| role | side | FR | EN | AR |\n|---|---|---|---|---|"
    for role in found.roles.values():
        side = f"{role.side} (timer)" if role.is_timer else role.side
        yield f"| `{role.name}` | {side} | {role.labels.fr} | {role.labels.en} | {role.labels.ar} |"


def _states(found: Definition) -> Iterator[str]:
    yield "| state | kind | outcome | partner sees | FR | EN | AR |\n|---|---|---|---|---|---|---|"
    for state in found.states.values():
        shown = f"`{state.shown_as}`" if state.shown_as else "nothing"
        outcome = "yes" if state.is_outcome else ""
        yield (
            f"| `{state.name}` | {state.kind.value} | {outcome} | {shown} | {state.labels.fr} | "
            f"{state.labels.en} | {state.labels.ar} |"
        )


def _acts(found: Definition) -> Iterator[str]:
    yield (
        "| act | who | signed by | answers | crossing rank | goes out as | guards | FR | EN | AR |\n"
        "|---|---|---|---|---|---|---|---|---|---|"
    )
    for rule in found.acts.values():
        out = "never" if rule.reach is Reach.NATIONAL else f"`{rule.shown_as}`"
        yield (
            f"| `{rule.name}` | {', '.join(rule.who)} | {'both' if rule.is_cosigned else 'one'} | "
            f"{', '.join(rule.answers)} | {rule.priority} | {out} | "
            f"{', '.join(f'`{use}`' for use in rule.guards)} | {rule.labels.fr} | "
            f"{rule.labels.en} | {rule.labels.ar} |"
        )


def _fields(rule: ActRule) -> str:
    rows = [f"**`{rule.name}`**\n", "| field | type | required | leaves |", "|---|---|---|---|"]
    for place, kind, is_required in _walk(rule.schema.document, ""):
        top = place.split(".", maxsplit=1)[0].removesuffix("[]")
        leaves = "no" if rule.reach is Reach.NATIONAL or top in rule.national_fields else "yes"
        rows.append(f"| `{place}` | {kind} | {'yes' if is_required else ''} | {leaves} |")
    return "\n".join(rows)


def _walk(document: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str, bool]]:
    for name, rule in document["properties"].items():
        place, inner = prefix + name, rule
        if rule.get("type") == "array":
            place, inner = f"{place}[]", rule["items"]
        is_required = name in document["required"]
        if inner.get("type") == "object":
            yield place, "record", is_required
            yield from _walk(inner, f"{place}.")
        else:
            yield place, _kind(inner), is_required


def _kind(rule: Mapping[str, Any]) -> str:
    if "enum" in rule:
        return "one of " + ", ".join(f"`{code}`" for code in rule["enum"])
    if "const" in rule:
        return "must be true"
    if "format" in rule:
        return str(rule["format"])
    if "maxLength" in rule:
        return f"text, {rule['maxLength']} at most"
    return f"`{rule['pattern']}`".replace("|", "\\|") if "pattern" in rule else str(rule["type"])


def _matrix(found: Definition) -> Iterator[str]:
    states = [name for name, one in found.states.items() if one.kind is not StateKind.FINAL]
    yield "| act | (opens) | " + " | ".join(f"`{name}`" for name in states) + " |"
    yield "|---" * (len(states) + 2) + "|"
    for rule in found.acts.values():
        cells = [_cell(rule, start) for start in ("", *states)]
        yield f"| `{rule.name}` | " + " | ".join(cells) + " |"


def _cell(rule: ActRule, start: str) -> str:
    target = rule.moves.get(start)
    if target is None:
        return "·"
    return f"`{target}`" if target != start else SAME


def _deadlines(found: Definition) -> Iterator[str]:
    if not found.deadlines:
        yield "None."
        return
    yield "| deadline | who | length | from | calendar | stops on hold | FR | EN | AR |\n|---|---|---|---|---|---|---|---|---|"
    for rule in found.deadlines.values():
        start = f"state `{rule.start_state}`" if rule.start_state else _start(rule)
        yield (
            f"| `{rule.name}` | {rule.owner} | {_length(rule)} | {start} | {rule.calendar} | "
            f"{'yes' if rule.stops_on_hold else ''} | {rule.labels.fr} | {rule.labels.en} | "
            f"{rule.labels.ar} |"
        )


def _start(rule: DeadlineRule) -> str:
    return f"{rule.start.value} of `{rule.start_act}`"


def _length(rule: DeadlineRule) -> str:
    if rule.profile:
        fallback = f", else {rule.period}" if rule.period else ""
        return f"profile: `{rule.profile}`{fallback}"
    if rule.until_field:
        return f"until the field `{rule.until_field}`"
    if rule.by_field:
        choices = "; ".join(f"{key} {period}" for key, period in rule.choices.items())
        return f"by `{rule.by_field}`: {choices}"
    return str(rule.period)
