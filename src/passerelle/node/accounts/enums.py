"""Roles, and the actions that they allow."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _

__all__ = ["Action", "Role"]


class Role(models.TextChoices):
    """What a member of an office is there to do (design, section 1)."""

    PLANNER = "planner", _("Event planner")
    COOPERATION = "cooperation", _("Cooperation directorate")
    LIAISON = "liaison", _("Liaison officer")
    LEADER = "leader", _("Contingent leader")
    COMMANDER = "commander", _("Venue commander")
    CASE_OFFICER = "case-officer", _("Case officer")
    SAFEGUARD = "safeguard", _("Safeguard officer")
    APPROVER = "approver", _("Approver")
    SECRETARY = "secretary", _("Secretary of a joint group")
    ANALYST = "analyst", _("Cyber analyst")
    JUDGE = "judge", _("Judicial authority")
    CENTRAL = "central-authority", _("Central authority of justice")
    COURT = "court", _("Court registry")
    COUNSEL = "counsel", _("Lawyer or guardian")
    CONSULATE = "consulate", _("Consulate")
    DATA_PROTECTION = "data-protection", _("Data-protection officer")
    MONITOR = "monitor", _("Independent monitor")
    AUDITOR = "auditor", _("Auditor")
    OPERATOR = "operator", _("Node operator")


class Action(StrEnum):
    """What can be allowed or refused. The value is also the permission's name."""

    VIEW_PLANNING = "planning.view"
    IMPORT_EVENT = "events.import"
    EXPORT_EVENT = "events.export"
    COMPUTE_NEED = "events.compute-need"
    START_PLAN = "plans.start"
    CANCEL_JOB = "jobs.cancel"
    CHANGE_PLAN = "plans.change"
    LOCK_DUTY = "plans.lock"
    PUBLISH_PLAN = "plans.publish"
    EXPORT_PLAN = "plans.export"
    VIEW_JOBS = "jobs.view"
    VIEW_DOSSIERS = "dossiers.view"
    VIEW_ROLL = "rolls.view"
    DRAFT_REQUEST = "dossiers.draft-request"
    SIGN_ACT = "dossiers.sign"
    VIEW_CASES = "cases.view"
    WRITE_CASE = "cases.write"
    HOLD_CASE = "cases.hold"
    VIEW_INFORMATION = "information.view"
    WRITE_INFORMATION = "information.write"
    VIEW_REGISTER = "register.view"
    WRITE_REGISTER = "register.write"
    VIEW_JUDICIAL = "judicial.view"
    VIEW_RIGHTS = "rights.view"
    VIEW_AUDIT = "audit.view"
    MANAGE_USERS = "accounts.manage"
    VIEW_OPERATION = "operation.view"
