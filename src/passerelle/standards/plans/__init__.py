"""A published plan as CSV, XLSX, iCalendar and duty sheets."""

from passerelle.standards.plans.calendar import (
    CalendarEntry,
    Change,
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
from passerelle.standards.plans.postings import PlanDocument, Posting
from passerelle.standards.plans.workbook import plan_workbook

__all__ = [
    "CalendarEntry",
    "Cell",
    "Change",
    "DutyDay",
    "DutySheet",
    "Method",
    "PlanDocument",
    "Posting",
    "SheetKind",
    "changes",
    "follow_plan",
    "group_sheets",
    "plan_csv",
    "plan_workbook",
    "site_sheets",
    "write_calendar",
]
