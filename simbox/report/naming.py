"""How SIMs, numbers and IMEIs are written on the page: as they are, or so that nobody can be rung up."""

import re

import polars as pl

from simbox.telecom.identifiers import print_imei, print_imsi, redact_imei, redact_imsi, redact_msisdn

_LONG_NUMBER = re.compile(r"[0-9]{10,}")


class Naming:
    """Writes identifiers; with `redact` a SIM is its number within the rig and the digits that a mask leaves."""

    def __init__(self, *, redact: bool) -> None:
        self.redact = redact

    def sims(self, imsi: pl.Series) -> list[str]:
        """One label for each SIM of a rig in the order given, no two the same."""
        printed = _shown(imsi, redact_imsi(pl.col("id")) if self.redact else print_imsi(pl.col("id")))
        return [f"#{number} {text}" for number, text in enumerate(printed, 1)] if self.redact else _texts(printed)

    def msisdns(self, msisdn: pl.Series) -> list[str]:
        """The numbers of SIMs, empty where unknown."""
        return _texts(_shown(msisdn, redact_msisdn(pl.col("id")) if self.redact else pl.col("id").cast(pl.String)))

    def imeis(self, imei: pl.Series) -> list[str]:
        """One label for each IMEI of a rig in the order given, no two the same; empty for null."""
        printed = _shown(imei, redact_imei(pl.col("id")) if self.redact else print_imei(pl.col("id")))
        if not self.redact:
            return _texts(printed)
        return ["" if text is None else f"IMEI {number} {text}" for number, text in enumerate(printed, 1)]

    def text(self, text: str | None) -> str:
        """Text that others wrote, without the long numbers in it when identifiers are masked."""
        return _LONG_NUMBER.sub("…", text or "") if self.redact else text or ""


def _shown(identifiers: pl.Series, expression: pl.Expr) -> list[str | None]:
    return identifiers.alias("id").to_frame().select(id=expression)["id"].to_list()


def _texts(printed: list[str | None]) -> list[str]:
    return [text or "" for text in printed]
