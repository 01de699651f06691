"""Fields of raw rows, text or what Parquet made of them, as the types of the declared tables; null where malformed."""

import numpy as np
import polars as pl

from simbox.telecom import identifiers

# True and false by turns.
_TRUTHS = (
    "true", "false", "True", "False", "TRUE", "FALSE", "1", "0", "yes", "no", "Yes", "No", "YES", "NO",
    "t", "f", "T", "F", "y", "n", "Y", "N",
)  # fmt: skip


def imsi(raw: pl.Schema, name: str = "imsi") -> pl.Expr:
    """The IMSI as Int64."""
    if raw[name] == pl.String:
        return identifiers.pack_imsi(pl.col(name)).alias(name)
    return identifiers.check_imsi(pl.col(name)).alias(name)


def read_imsis(column: pl.Series) -> pl.Series:
    """The IMSI as Int64."""
    if column.dtype != pl.String:
        return column.to_frame("imsi").select(identifiers.check_imsi(pl.col("imsi"))).to_series()
    whole = column.cast(pl.Int64, strict=False)
    if whole.null_count() == column.null_count() and _digits_of_all(column, whole) == identifiers.IMSI_DIGITS:
        return whole.rename("imsi")
    return column.to_frame("imsi").select(identifiers.pack_imsi(pl.col("imsi"))).to_series()


def read_imeis(column: pl.Series) -> pl.Series:
    """The IMEI's first 14 digits as Int64, of junk as well."""
    if column.dtype == pl.String:
        whole = column.cast(pl.Int64, strict=False)
        digits = _digits_of_all(column, whole) if whole.null_count() == column.null_count() else None
        if digits in (14, 15, 16):
            return (whole // 10 ** (digits - identifiers.IMEI_DIGITS)).rename("imei")
        return column.to_frame("imei").select(identifiers.pack_imei(pl.col("imei"))).to_series()
    given = pl.col("imei")
    cut = pl.when(given >= 10**15).then(given // 100).when(given >= 10**14).then(given // 10).otherwise(given)
    packed = pl.when(cut.is_between(1, 10**identifiers.IMEI_DIGITS - 1)).then(cut)
    return column.to_frame("imei").select(packed).to_series()


def without_junk(imei: pl.Series) -> pl.Series:
    """IMEIs that are no placeholders, else null."""
    return imei.to_frame("imei").select(pl.when(~identifiers.is_junk_imei(pl.col("imei"))).then("imei")).to_series()


def _digits_of_all(text: pl.Series, whole: pl.Series) -> int | None:
    """How many digits all texts of a column have, if they have equally many and neither sign nor leading zero."""
    length = text.str.len_bytes()
    digits, least = length.max(), whole.min()
    if digits is None or least is None or length.min() != digits:
        return None
    # As long as its integer has digits: there is no room for a sign.
    return int(str(digits)) if int(str(least)) >= 10 ** (int(str(digits)) - 1) else None


def msisdn(raw: pl.Schema, name: str = "msisdn") -> pl.Expr:
    """The number as Int64."""
    if raw[name] == pl.String:
        return identifiers.pack_msisdn(pl.col(name)).alias(name)
    return identifiers.check_msisdn(pl.col(name)).alias(name)


def imei(raw: pl.Schema, name: str = "imei") -> pl.Expr:
    """The IMEI's first 14 digits as Int64, null for junk."""
    column = pl.col(name)
    if raw[name] == pl.String:
        packed = identifiers.pack_imei(column)
    else:
        cut = pl.when(column >= 10**15).then(column // 100).when(column >= 10**14).then(column // 10).otherwise(column)
        packed = pl.when(cut.is_between(1, 10**identifiers.IMEI_DIGITS - 1)).then(cut)
    return pl.when(~identifiers.is_junk_imei(packed)).then(packed).alias(name)


def read_cells(column: pl.Series) -> pl.Series:
    """The packed cell of each text `401-77-1000-10441`, or of an integer that packs one; each distinct one once."""
    if column.dtype == pl.String:
        return _memory.read(column)
    distinct = column.drop_nulls().unique().to_frame("given")
    printable = pl.when(pl.col("given") >= 0).then(pl.col("given"))
    again = identifiers.pack_cell(identifiers.print_cell(printable))
    lookup = distinct.with_columns(packed=pl.when(again == pl.col("given")).then(pl.col("given")))
    return column.to_frame("given").join(lookup, on="given", how="left", maintain_order="left")["packed"]


class _CellMemory:
    """What each text of a cell was packed to: a network has some ten thousand cells, its records name them for ever."""

    # Beyond this many texts they are no cells of a network, and are forgotten.
    MOST = 1_000_000
    UNSEEN, NONE = -2, -1

    def __init__(self) -> None:
        self._packed = np.zeros(0, dtype=np.int64)
        self._forget()

    def read(self, column: pl.Series) -> pl.Series:
        """The packed cell of each text, null for text that is none."""
        if column.null_count() == column.len():
            return column.cast(pl.Int64)
        coded = column.cast(pl.Categorical(self._categories))
        # Categories last as long as a series that has them: without one, codes would begin again.
        self._alive = coded.head(1)
        codes = coded.to_physical()
        place = codes.fill_null(0).cast(pl.Int64).to_numpy()
        if place.max() >= self._packed.size:
            more = np.full(
                max(int(place.max()) + 1 - self._packed.size, self._packed.size), self.UNSEEN, dtype=np.int64
            )
            self._packed = np.concatenate([self._packed, more])
        packed = self._packed[place]
        is_unseen = (packed == self.UNSEEN) & codes.is_not_null().to_numpy()
        if is_unseen.any():
            rows = np.flatnonzero(is_unseen)
            _, first = np.unique(place[rows], return_index=True)
            fresh = column.gather(rows[first])
            found = fresh.to_frame("given").select(identifiers.pack_cell(pl.col("given"))).to_series()
            self._packed[place[rows[first]]] = found.fill_null(self.NONE).to_numpy()
            packed = self._packed[place]
        if self._packed.size > self.MOST:
            self._forget()
        has_cell = pl.Series(packed >= 0) & codes.is_not_null()
        return pl.DataFrame({"packed": packed, "has": has_cell}).select(pl.when("has").then("packed")).to_series()

    def _forget(self) -> None:
        self._categories = pl.Categories.random()
        self._packed = np.full(1, self.UNSEEN, dtype=np.int64)


_memory = _CellMemory()


def read_whole(column: pl.Series) -> pl.Series:
    """A signed whole number as Int64; a decimal fraction of zeros is let pass."""
    if column.dtype.is_float():
        whole = pl.when(pl.col("given") == pl.col("given").floor()).then(pl.col("given"))
        return column.to_frame("given").select(whole.cast(pl.Int64, strict=False)).to_series()
    numbers = column.cast(pl.Int64, strict=False)
    if column.dtype == pl.String and numbers.null_count() > column.null_count():
        without_fraction = column.str.replace(r"^([+-]?[0-9]+)\.0+$", "$1").cast(pl.Int64, strict=False)
        return numbers.fill_null(without_fraction)
    return numbers


def read_truth(column: pl.Series) -> pl.Series:
    """A truth value from true or false, 1 or 0, yes or no in small or capital letters."""
    if column.dtype == pl.Boolean:
        return column
    words = pl.col("given").cast(pl.Enum(_TRUTHS), strict=False).to_physical()
    if column.dtype != pl.String:
        words = pl.when(pl.col("given").is_in((0, 1))).then(1 - pl.col("given"))
    return column.to_frame("given").select(words % 2 == 0).to_series()


def word(name: str, dtype: pl.Enum) -> pl.Expr:
    """One of an Enum's words."""
    return pl.col(name).cast(pl.String).cast(dtype, strict=False)
