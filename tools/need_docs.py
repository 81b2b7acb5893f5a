"""Write the coefficient tables of ``docs/user/need-model.md`` from the coefficient file.

python tools/need_docs.py [--check]
"""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path

from passerelle.planning.need.coefficients import Coefficients, standard_coefficients

PAGE = Path(__file__).resolve().parent.parent / "docs/user/need-model.md"
START, END = "<!-- coefficients: written by tools/need_docs.py -->", "<!-- end of coefficients -->"


def tables(coefficients: Coefficients) -> str:
    """Return one table a formula, in file order."""
    lines = [f"Version `{coefficients.version}`.", ""]
    for formula, members in groupby(coefficients.by_id.values(), key=lambda c: c.formula):
        lines += [f"### {formula}", "", "| coefficient | value | unit | mark | source |"]
        lines.append("|---|---|---|---|---|")
        for c in members:
            spread = f" ({c.low:g} to {c.high:g})" if c.low != c.high else ""
            lines.append(f"| `{c.id}` | {c.value:g}{spread} | {c.unit} | {c.mark} | {c.source} |")
        lines.append("")
    return "\n".join(lines)


def rewritten(page: str, coefficients: Coefficients) -> str:
    """Return the page with its tables replaced."""
    before, rest = page.split(START)
    _, after = rest.split(END)
    return f"{before}{START}\n\n{tables(coefficients)}\n{END}{after}"


def main() -> int:
    """Write the page; with ``--check`` only tell whether it is as it should be."""
    page = PAGE.read_text(encoding="utf-8")
    wanted = rewritten(page, standard_coefficients())
    if "--check" in sys.argv[1:]:
        return int(page != wanted)
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
