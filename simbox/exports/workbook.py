"""An Excel workbook in which no digit is lost and nothing runs: identifiers are text, text is never a formula."""

import io
from datetime import UTC, datetime, time

import polars as pl
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from simbox.exports.chosen import Chosen
from simbox.telecom.printing import print_table

ROW_LIMIT = 1_048_576
WIDEST = 40
# Counts and measures; everything else is text, for Excel keeps 15 digits of a number and an ICCID has 20.
_FLOATS = (pl.Float64, pl.Float32)


def export_xlsx(chosen: Chosen, row_limit: int = ROW_LIMIT) -> dict[str, bytes]:
    """simbox.xlsx with a sheet each for SIMs, rigs, places and damage; what a sheet can't hold goes on to the next."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(buffer, options)
    # A workbook says when it was made: the night, so that the same run gives the same bytes.
    made = datetime.combine(chosen.night, time(), tzinfo=UTC).replace(tzinfo=None)
    book.set_properties({"title": f"SIM boxes, night of {chosen.night}", "created": made})
    heading = book.add_format({"bold": True})
    sheets = {"SIMs": chosen.sims, "Rigs": chosen.rigs, "Places": chosen.sites, "Damage": chosen.damage}
    for title, frame in sheets.items():
        shown = print_table(frame, redact=chosen.redact)
        for number, start in enumerate(range(0, max(frame.height, 1), row_limit - 1)):
            sheet = book.add_worksheet(title if number == 0 else f"{title} {number + 1}")
            _fill(sheet, frame.slice(start, row_limit - 1), shown.slice(start, row_limit - 1), heading)
    book.close()
    return {"simbox.xlsx": buffer.getvalue()}


def _fill(sheet: Worksheet, frame: pl.DataFrame, shown: pl.DataFrame, heading: object) -> None:
    sheet.freeze_panes(1, 0)
    for column, (name, dtype) in enumerate(frame.schema.items()):
        sheet.write_string(0, column, name, heading)
        is_number = dtype in _FLOATS or (dtype.is_integer() and dtype != pl.Int64)
        values = frame[name].to_list() if is_number or dtype == pl.Boolean else shown[name].to_list()
        for row, value in enumerate(values, start=1):
            if value is None:
                continue
            if dtype == pl.Boolean:
                sheet.write_boolean(row, column, value)
            elif is_number:
                sheet.write_number(row, column, value)
            else:
                sheet.write_string(row, column, value)
        longest = max([len(name), *(len(text) for text in shown[name].drop_nulls().head(200))])
        sheet.set_column(column, column, min(longest + 2, WIDEST))
