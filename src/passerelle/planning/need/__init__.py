"""The demand model: from the programme to an explained need (domain, section 9, F1 to F13)."""

from passerelle.planning.need.assess import assess, assess_sites
from passerelle.planning.need.coefficients import (
    Coefficient,
    Coefficients,
    read_coefficients,
    standard_coefficients,
)
from passerelle.planning.need.phases import blocks
from passerelle.planning.need.values import (
    Explanation,
    Level,
    Need,
    NeedFigure,
    Overlay,
    OverlayKind,
)

__all__ = [
    "Coefficient",
    "Coefficients",
    "Explanation",
    "Level",
    "Need",
    "NeedFigure",
    "Overlay",
    "OverlayKind",
    "assess",
    "assess_sites",
    "blocks",
    "read_coefficients",
    "standard_coefficients",
]
