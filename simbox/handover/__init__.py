"""What leaves a finished run: exports for programs and people, case bundles for court."""

from simbox.handover.case import CaseOptions, case_files, make_case, read_measured, sim_files
from simbox.handover.export import FORMATS, WHATS, ExportOptions, export_run, seen_of
from simbox.handover.run import Run, choose_rigs, last_scored, read_records, read_run

__all__ = [
    "FORMATS",
    "WHATS",
    "CaseOptions",
    "ExportOptions",
    "Run",
    "case_files",
    "choose_rigs",
    "export_run",
    "last_scored",
    "make_case",
    "read_measured",
    "read_records",
    "read_run",
    "seen_of",
    "sim_files",
]
