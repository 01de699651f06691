"""What records lack: gaps that each operator's switches have, sites that fail, hours that never arrive."""

from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt

from simbox.synth.laws import DAY_S
from simbox.synth.network import Cells
from simbox.synth.randomness import Bools, Ints, stream
from simbox.synth.scenario import Habit, Scenario


def draw_gaps(scenario: Scenario, seed: int) -> Scenario:
    """The scenario with structural gaps drawn for each of its operators."""
    operators = {
        key: _with_gaps(stream(seed, "gaps", number), habit)
        for number, (key, habit) in enumerate(scenario.operators.items())
    }
    return msgspec.structs.replace(scenario, operators=operators)


def _with_gaps(rng: np.random.Generator, habit: Habit) -> Habit:
    return msgspec.structs.replace(
        habit,
        mt_sms_radio=bool(rng.random() < 0.5),
        mo_sms_radio=bool(rng.random() < 0.8),
        mt_voice_radio=bool(rng.random() < 0.7),
        mt_sms=bool(rng.random() < 0.75),
        unanswered=("all", "none", "unknown")[int(rng.choice(3, p=[0.4, 0.35, 0.25]))],
        volte_mt_without_imsi_share=float(rng.choice([0.0, rng.uniform(0.2, 0.9)])),
        volte_without_imei_share=float(rng.choice([0.0, rng.uniform(0.2, 0.9)])),
        data_records=("none", "sparse")[int(rng.random() < 0.5)],
        lost_legs_share=float(rng.uniform(0.0005, 0.02)),
    )


@dataclass(frozen=True)
class Failures:
    """Masts without power in a night: which cells each takes away, from when until when."""

    cells: list[Bools]
    begin_s: list[float]
    end_s: list[float]

    def out_of_service(self, cell: Ints, at_s: npt.NDArray[np.int32]) -> Bools:
        """Whether a leg would have needed a mast that was without power at that hour."""
        down = np.zeros(cell.size, dtype=bool)
        for gone, begin_s, end_s in zip(self.cells, self.begin_s, self.end_s, strict=True):
            down |= gone[cell] & (at_s >= begin_s) & (at_s < end_s)
        return down


def draw_failures(cells: Cells, seed: int, night: int, failures: int) -> Failures:
    """The masts that fail in a night."""
    rng = stream(seed, "failures", night)
    gone, begin_s, end_s = [], [], []
    masts = np.unique(np.stack([cells.lat, cells.lon]), axis=1)
    for mast in rng.integers(0, masts.shape[1], failures):
        begin_s.append(float(rng.uniform(0, DAY_S)))
        end_s.append(begin_s[-1] + float(rng.gamma(2.0, 2.0)) * 3600)
        gone.append((cells.lat == masts[0, mast]) & (cells.lon == masts[1, mast]))
    return Failures(gone, begin_s, end_s)


def in_lost_hour(seed: int, night: int, operator: int, hours: int, at_s: npt.NDArray[np.int32]) -> Bools:
    """Whether a leg lies in an hour whose file never reached the collector."""
    chosen = stream(seed, "lost hours", night, operator).integers(0, 24, hours)
    lost: Bools = np.isin(at_s // 3600, chosen)
    return lost
