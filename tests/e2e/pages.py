"""Every page of the desk with the state that a picture of it should show."""

from __future__ import annotations

EVENT = "/e/paris-2024"

PAGES = {
    "plan": f"{EVENT}/plan",
    "publish": f"{EVENT}/plan/2/publish",
    "coverage": f"{EVENT}/coverage?scale=days&from=2024-07-26",
    "coverage-event": f"{EVENT}/coverage?scale=event",
    "coverage-cell": f"{EVENT}/coverage?from=2024-07-24&at=STE.20240724T1200Z",
    "roster": f"{EVENT}/roster?state=MA&from=2024-07-24",
    "roster-duty": f"{EVENT}/roster?from=2024-07-26&at=12",
    "duty-sheet": f"{EVENT}/duty-sheets?site=STE&from=2024-07-24",
    "map": f"{EVENT}/map?part=20240726T1200Z",
    "need": f"{EVENT}/need?day=2024-07-24&site=STE",
    "need-figure": f"{EVENT}/need?day=2024-08-04&site=AQC&at=200",
    "sessions": f"{EVENT}/sessions?day=2024-07-27",
    "session": f"{EVENT}/sessions/FBL02",
    "sites": f"{EVENT}/sites",
    "site": f"{EVENT}/sites/STE",
    "forces": f"{EVENT}/forces",
    "group": f"{EVENT}/forces/AT-K9EXPLOS-1",
    "jobs": f"{EVENT}/jobs",
    "job": f"{EVENT}/jobs/e2e0000000000000000000000000done",
    "events": "/events",
    "import": "/import",
    "account": "/me",
}
"""Path by name; the name is also that of the picture."""
