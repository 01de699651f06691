"""Which columns hold the cell, how its parts are written, and which kind each is."""

from collections.abc import Callable
from itertools import permutations

import polars as pl

from simbox.config import Config
from simbox.intake.seen_column import LIKELY, SURE, escaped, share_of, word_for

# Fewer distinct cells may agree with the table by chance.
LEAST_CELLS = 5


def guess_cells(
    pick: Callable[..., str | None], frame: pl.DataFrame, config: Config, key: str, cells: pl.DataFrame,
    notes: list[tuple[str, str, str]],
) -> list[str]:  # fmt: skip
    """The lines of the profile that say where the cell is: by the table of cells, else by names and contents."""
    operator = config.operators.get(key)
    plmn = "" if operator and operator.mcc_mncs else ', plmn = "?"'
    found = _by_table(frame, cells)
    if found is not None:
        lac, ci, radix, share = found
        notes.append(
            ("cell", f"columns {lac} and {ci}, {radix}: {share:.0%} of them are in the table", word_for(share))
        )
    else:
        area = pick("lac", lambda column: share_of(column, r"^(?:0x)?[0-9A-Fa-f]{1,5}$"), 0.6)
        cell = pick("ci", lambda column: share_of(column, r"^(?:0x)?[0-9A-Fa-f]{1,9}$"), 0.6)
        if area is None or cell is None:
            return []
        lac, ci = area, cell
        letters = float(str(frame.select(pl.col(lac, ci).str.contains("[A-Fa-f]").any()).sum_horizontal().item()))
        radix = "hex" if letters else "dec"
        why = "some values have letters" if letters else "no value has a letter, and no table of cells says more"
        notes.append(("cell radix", f"{radix}: {why}", "likely" if letters else "guess"))
    written = f', radix = "{radix}"' if radix == "hex" else ""
    ways = {
        "cgi": f'{{ kind = "cgi", lac = "{lac}", ci = "{ci}"{written}{plmn}',
        "ecgi": f'{{ kind = "ecgi", eci = "{ci}"{written}{plmn}',
        "ncgi": f'{{ kind = "ncgi", nci = "{ci}"{written}{plmn}',
    }
    without_lac = float(str(frame.select((pl.col(lac).is_null() & pl.col(ci).is_not_null()).mean()).item()))
    if without_lac < 0.01:
        return [f"cell = {ways['cgi']} }}"]
    column, kinds = _kinds_by_table(frame, ci, radix, cells, lac)
    if column is not None:
        notes.append(("cell kinds", f"column {column} tells them, by the table of cells", "sure"))
    else:
        notes.append(("cell kinds", f"{without_lac:.0%} of the cells have no area: taken as 4G or 5G by size", "guess"))
    lines = []
    for kind, way in ways.items():
        values = ", ".join(f'"{escaped(value)}"' for value in kinds.get(kind, []))
        when = f', when = {{ from = "{column}", is = [{values}] }}' if column is not None else ""
        if column is None or values:
            lines.append(f"    {way}{when} }},")
    return ["cell = [", *lines, "]"]


def _by_table(frame: pl.DataFrame, cells: pl.DataFrame) -> tuple[str, str, str, float] | None:
    """The two columns, and the radix, whose numbers are most often LAC and CI of cells in the table."""
    known = (cells["cell"].drop_nulls().filter(cells["cell"].drop_nulls() < 1 << 57) % (1 << 32)).unique()
    if known.is_empty():
        return None
    names = [
        name for name, dtype in frame.schema.items()
        if dtype == pl.String
        and float(str(frame[name].str.contains(r"^(?:0x)?[0-9A-Fa-f]{1,9}$").mean() or 0)) > LIKELY
    ]  # fmt: skip
    best: tuple[float, str, str, str] | None = None
    for radix, base in (("dec", 10), ("hex", 16)):
        numbers = frame.select(pl.col(names).str.strip_prefix("0x").str.to_integer(base=base, strict=False))
        for lac, ci in permutations(names, 2):
            packed = numbers.select(pl.col(lac) * 65536 + pl.col(ci)).to_series().drop_nulls()
            if packed.n_unique() < LEAST_CELLS:
                continue
            share = float(str(packed.is_in(known.implode()).mean()))
            if share > LIKELY and (best is None or share > best[0]):
                best = (share, lac, ci, radix)
    return (best[1], best[2], best[3], best[0]) if best else None


def _kinds_by_table(
    frame: pl.DataFrame, ci: str, radix: str, cells: pl.DataFrame, lac: str
) -> tuple[str | None, dict[str, list[str]]]:
    """The column whose values tell the kind of cell, and which values stand for which."""
    packed = cells["cell"].drop_nulls()
    known = {
        kind: (packed.filter(packed // (1 << 57) == number) % (1 << 36)).implode()
        for number, kind in enumerate(("cgi", "ecgi", "ncgi"))
    }
    number = pl.col(ci).str.to_integer(base=16 if radix == "hex" else 10, strict=False)
    for column in frame.columns:
        if frame.schema[column] != pl.String or not 2 <= frame[column].drop_nulls().n_unique() <= 8:
            continue
        kinds: dict[str, list[str]] = {}
        for (value,), rows in sorted(frame.drop_nulls([column, ci]).group_by(column), key=lambda group: str(group[0])):
            hits = {
                kind: float(str(rows.select(number.is_in(known[kind]).mean()).item() or 0)) for kind in ("ecgi", "ncgi")
            }
            hits["cgi"] = 1 - rows[lac].null_count() / rows.height
            best = max(hits, key=lambda kind: hits[kind])
            if hits[best] < SURE:
                break
            kinds.setdefault(best, []).append(str(value))
        else:
            if len(kinds) > 1:
                return column, kinds
    return None, {}
