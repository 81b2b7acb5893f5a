"""EDXL-RM 1.0: the sixteen messages on asking for, offering and committing resources."""

from passerelle.standards.rm.reading import Received, read_message
from passerelle.standards.rm.rules import Breach, Rule, find_breaches
from passerelle.standards.rm.tables import MessageType, ScheduleType
from passerelle.standards.rm.writing import write_message

__all__ = [
    "Breach",
    "MessageType",
    "Received",
    "Rule",
    "ScheduleType",
    "find_breaches",
    "read_message",
    "write_message",
]
