"""Two cards on the same worlds."""

import numpy as np
import numpy.typing as npt
import polars as pl

# False positive rates at which cards are compared.
RATES = (1e-3, 1e-4)


def compare_cards(former: pl.DataFrame, found: pl.DataFrame) -> list[str]:
    """Recall by level at false positive rates, by the former card and by this one, a line each.

    `former` (world, night, imsi, evidence), `found` the same with rig and level. A SIM counts with what was thought of
    it on the last night on which it was active: after the first night of each world, and after all of them.
    """
    both = found.join(former, on=["world", "night", "imsi"], suffix="_former", how="inner")
    first = both.group_by("world").agg(pl.col("night").min())
    lines = []
    for title, rows in (("one night", both.join(first, on=["world", "night"], how="semi")), ("all nights", both)):
        last = rows.sort("night").unique(["world", "imsi"], keep="last", maintain_order=True)
        lawful = last.filter(pl.col("rig").is_null())
        lines.append(f"after {title}: {lawful.height} lawful SIMs; recall at 1e-3 and 1e-4, former card -> this one")
        limits = {
            (name, rate): _limit(lawful[name].to_numpy(), rate)
            for name in ("evidence_former", "evidence")
            for rate in RATES
        }
        caught = last.filter(pl.col("rig").is_not_null()).sort("level")
        for (level,), rigs in caught.group_by("level", maintain_order=True):
            recall = {key: float((rigs[key[0]].to_numpy() > limit).mean()) for key, limit in limits.items()}
            shown = [f"{recall['evidence_former', rate]:.2f} -> {recall['evidence', rate]:.2f}" for rate in RATES]
            lines.append(f"  {level}: {rigs.height:5d} SIMs   {'   '.join(shown)}")
    return lines


def _limit(evidence: npt.NDArray[np.int32], rate: float) -> int:
    """The evidence that must be exceeded for at most this share of lawful SIMs to be called, ties called together."""
    allowed = min(int(rate * evidence.size), evidence.size - 1)
    return int(np.partition(evidence, evidence.size - allowed - 1)[evidence.size - allowed - 1])
