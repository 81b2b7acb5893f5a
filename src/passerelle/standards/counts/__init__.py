"""Counts as CSV and XLSX: one line a figure, each with its unit, stage, place and time."""

from passerelle.standards.counts.files import CountLine, counts_csv, counts_workbook, lines_of

__all__ = ["CountLine", "counts_csv", "counts_workbook", "lines_of"]
