"""Serving cells as operators write them: LAC and CI, ECI or NCI in columns of their own, in decimal or hexadecimal."""

import polars as pl

from simbox.intake.profile_columns import CellColumns
from simbox.telecom.identifiers import pack_cell, pack_cell_parts

# What switches write for a cell that they don't know (TS 23.003 4.1, 4.7): 0, and LAC FFFE and FFFF.
_UNKNOWN_AREAS = (0, 0xFFFE, 0xFFFF)
_MOST = {"cgi": 0xFFFF, "ecgi": (1 << 28) - 1, "ncgi": (1 << 36) - 1}


def read_composed_cells(raw: pl.DataFrame, ways: list[CellColumns], networks: tuple[str, ...]) -> pl.DataFrame:
    """For each row `cell`, null where there is none, and `has_cell`, whether the record says anything of one."""
    cells, given = [], []
    for way in ways:
        cell, has = _whole(raw, way) if way.from_ is not None else _composed(raw, way, networks)
        if way.when is not None:
            applies = raw[way.when.from_].is_in(way.when.is_).fill_null(False)
            chosen = pl.DataFrame({"cell": cell, "has": has, "applies": applies})
            cell = chosen.select(pl.when("applies").then("cell")).to_series()
            has = has & applies
        cells.append(cell)
        given.append(has)
    frame = pl.DataFrame(
        {**{f"cell{n}": cell for n, cell in enumerate(cells)}, **{f"has{n}": h for n, h in enumerate(given)}}
    )
    return frame.select(cell=pl.coalesce(pl.col("^cell[0-9]+$")), has_cell=pl.any_horizontal(pl.col("^has[0-9]+$")))


def _composed(raw: pl.DataFrame, way: CellColumns, networks: tuple[str, ...]) -> tuple[pl.Series, pl.Series]:
    network = _network(raw, way, networks)
    if way.kind == "cgi":
        lac, ci = _number(raw, way.lac, way.radix), _number(raw, way.ci, way.radix)
        frame = pl.DataFrame({"area": lac, "ci": ci})
        is_real = ~pl.col("area").is_in(_UNKNOWN_AREAS) & pl.col("ci").is_between(1, _MOST["cgi"] - 1)
        identity = pl.when(is_real & (pl.col("area") <= _MOST["cgi"])).then(pl.col("area") * 65536 + pl.col("ci"))
        has = raw[str(way.lac)].is_not_null() | raw[str(way.ci)].is_not_null()
    elif way.enb is not None:
        frame = pl.DataFrame({"enb": _number(raw, way.enb, way.radix), "sector": _number(raw, way.sector, way.radix)})
        is_real = pl.col("enb").is_between(1, (1 << 20) - 1) & pl.col("sector").is_between(0, 255)
        identity = pl.when(is_real).then(pl.col("enb") * 256 + pl.col("sector"))
        has = raw[way.enb].is_not_null()
    else:
        name = str(way.eci if way.kind == "ecgi" else way.nci)
        frame = pl.DataFrame({"id": _number(raw, name, way.radix)})
        identity = pl.when(pl.col("id").is_between(1, _MOST[way.kind] - 1)).then("id")
        has = raw[name].is_not_null()
    kind = ("cgi", "ecgi", "ncgi").index(way.kind)
    if isinstance(network, str):
        packed = pack_cell_parts(kind, network, identity)
        return frame.select(packed.alias("cell")).to_series(), has
    per_network = [
        pl.when(pl.col("network") == code).then(pack_cell_parts(kind, code, identity))
        for code in sorted(network.drop_nulls().unique())
    ]
    packed = pl.coalesce(*per_network) if per_network else pl.lit(None, dtype=pl.Int64)
    return frame.with_columns(network.alias("network")).select(packed.alias("cell")).to_series(), has


def _network(raw: pl.DataFrame, way: CellColumns, networks: tuple[str, ...]) -> str | pl.Series:
    """The MCC-MNC of all rows, or of each where a column has it (as 401-77 or 40177)."""
    if way.plmn is None:
        return networks[0]
    if way.plmn not in raw.columns:
        return way.plmn
    plain = raw[way.plmn].str.replace("-", "", literal=True)
    text = plain.to_frame("p").select(
        pl.when(pl.col("p").str.contains("^[0-9]{5,6}$")).then(
            pl.col("p").str.slice(0, 3) + "-" + pl.col("p").str.slice(3)
        )
    )
    return text.to_series()


def _whole(raw: pl.DataFrame, way: CellColumns) -> tuple[pl.Series, pl.Series]:
    """A cell in one column: as text `401-77-1000-10441`, or the digits of MCC, MNC, then LAC and CI or ECI in
    hexadecimal (radix hex), as switches print a location."""
    column = raw[str(way.from_)]
    distinct = column.drop_nulls().unique().to_frame("given")
    given = pl.col("given")
    if way.radix == "hex":
        digits = {"cgi": "[0-9A-Fa-f]{4})([0-9A-Fa-f]{4}", "ecgi": "[0-9A-Fa-f]{7,8}", "ncgi": "[0-9A-Fa-f]{9,10}"}
        parts = given.str.extract_groups(rf"^([0-9]{{3}})([0-9]{{2,3}}?)({digits[way.kind]})$")
        numbers = [
            parts.struct.field(str(n)).str.to_integer(base=16, strict=False)
            for n in ((3, 4) if way.kind == "cgi" else (3,))
        ]
        letter = {"cgi": "", "ecgi": "e", "ncgi": "n"}[way.kind]
        text = pl.concat_str(
            parts.struct.field("1"), pl.lit("-"), parts.struct.field("2"), pl.lit(f"-{letter}"),
            *([numbers[0], pl.lit("-"), numbers[1]] if way.kind == "cgi" else numbers),
        )  # fmt: skip
    else:
        text = given
    packed = pack_cell(text)
    if way.kind == "cgi":
        area, ci = packed // 65536 % 65536, packed % 65536
        is_id = packed < 1 << 57
        packed = pl.when(~is_id | (~area.is_in(_UNKNOWN_AREAS) & ~ci.is_in((0, 0xFFFF)))).then(packed)
    lookup = distinct.with_columns(packed.alias("packed"))
    found = column.to_frame("given").join(lookup, on="given", how="left", maintain_order="left")["packed"]
    return found, column.is_not_null()


def _number(raw: pl.DataFrame, name: str | None, radix: str) -> pl.Series:
    column = raw[str(name)]
    if radix == "dec":
        return column.cast(pl.Int64, strict=False)
    return column.str.strip_prefix("0x").str.to_integer(base=16, strict=False)
