"""The page an analyst reads after a night, and one rig's page for those who take it away.

`render_rig_page(tables, rig_id, redact)` and `write_report(run, redact=...)` read nothing but a finished run's tables.
"""

from simbox.report.page import render_report, render_rig_page, write_report
from simbox.report.records import COVERAGE_COLUMNS, count_records, join_coverage, member_activity
from simbox.report.run import RunTables, read_run_tables

__all__ = [
    "COVERAGE_COLUMNS",
    "RunTables",
    "count_records",
    "join_coverage",
    "member_activity",
    "read_run_tables",
    "render_report",
    "render_rig_page",
    "write_report",
]
