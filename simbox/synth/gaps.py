"""What records lack: gaps that each operator's switches have, sites that fail, hours that never arrive."""

import msgspec
import numpy as np
import numpy.typing as npt

from simbox.synth.laws import DAY_S
from simbox.synth.network import Cells
from simbox.synth.randomness import Bools, stream
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


def out_of_service(
    cells: Cells, seed: int, night: int, failures: int, cell: npt.NDArray[np.int32], at_s: npt.NDArray[np.int32]
) -> Bools:
    """Whether a leg would have needed a mast that was without power at that hour."""
    rng = stream(seed, "failures", night)
    down = np.zeros(cell.size, dtype=bool)
    masts = np.unique(np.stack([cells.lat, cells.lon]), axis=1)
    for mast in rng.integers(0, masts.shape[1], failures):
        begin = rng.uniform(0, DAY_S)
        end = begin + rng.gamma(2.0, 2.0) * 3600
        there = (cells.lat == masts[0, mast]) & (cells.lon == masts[1, mast])
        down |= there[cell] & (at_s >= begin) & (at_s < end)
    return down


def in_lost_hour(seed: int, night: int, operator: int, hours: int, at_s: npt.NDArray[np.int32]) -> Bools:
    """Whether a leg lies in an hour whose file never reached the collector."""
    chosen = stream(seed, "lost hours", night, operator).integers(0, 24, hours)
    lost: Bools = np.isin(at_s // 3600, chosen)
    return lost
