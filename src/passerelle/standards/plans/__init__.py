"""A published plan as CSV, XLSX, iCalendar and duty sheets."""

from passerelle.standards.plans.calendar import (
    CalendarEntry,
    Change,
    Mail,
    Method,
    changes,
    follow_plan,
    write_calendar,
)
from passerelle.standards.plans.csv_file import plan_csv
from passerelle.standards.plans.duty_sheets import (
    Cell,
    DutyDay,
    DutySheet,
    SheetKind,
    group_sheets,
    site_sheets,
)
from passerelle.standards.plans.from_roster import (
    CrewBook,
    Names,
    number_crews,
    postings_by_crew,
    postings_by_group,
)
from passerelle.standards.plans.postings import PlanDocument, Posting
from passerelle.standards.plans.workbook import plan_workbook

__all__ = [
    "CalendarEntry",
    "Cell",
    "Change",
    "CrewBook",
    "DutyDay",
    "DutySheet",
    "Mail",
    "Method",
    "Names",
    "PlanDocument",
    "Posting",
    "SheetKind",
    "changes",
    "follow_plan",
    "group_sheets",
    "number_crews",
    "plan_csv",
    "plan_workbook",
    "postings_by_crew",
    "postings_by_group",
    "site_sheets",
    "write_calendar",
]
