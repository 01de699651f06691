"""The page an analyst reads after a night."""

from simbox.report.page import write_report

__all__ = ["write_report"]
