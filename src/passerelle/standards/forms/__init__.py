"""Forms and request packs for partners without a node: spreadsheets out, checked answers in."""

from passerelle.standards.forms.fields import Form
from passerelle.standards.forms.pack import write_pack
from passerelle.standards.forms.reading import Answers, read_csv_form, read_workbook
from passerelle.standards.forms.request import AskedLine, Request
from passerelle.standards.forms.template import write_template

__all__ = [
    "Answers",
    "AskedLine",
    "Form",
    "Request",
    "read_csv_form",
    "read_workbook",
    "write_pack",
    "write_template",
]
