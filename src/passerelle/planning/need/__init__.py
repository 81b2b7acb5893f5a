"""The demand model: from the programme to an explained need (domain, section 9, F1 to F13)."""

from passerelle.planning.need.values import (
    Explanation,
    Level,
    Need,
    NeedFigure,
    Overlay,
    OverlayKind,
)

__all__ = ["Explanation", "Level", "Need", "NeedFigure", "Overlay", "OverlayKind"]
