"""Every SIM of a world, people's and rigs' alike, in one table of arrays, with the habits of whoever holds it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simbox.synth.randomness import Bools, Floats, Ints
from simbox.synth.scenario import Segments

SEGMENTS = ("ordinary", *Segments.__struct_fields__)
RIG = len(SEGMENTS)
SEGMENT = {name: number for number, name in enumerate(SEGMENTS)}
REGISTRATIONS = ("registered", "unregistered", "corporate", "m2m", "roamer", "test")
REGISTRATION = {name: number for number, name in enumerate(REGISTRATIONS)}
ALWAYS = 10**9


@dataclass
class Sims:
    """One entry for each SIM; days and seconds count from the first night's midnight.

    `holder` is who moves with it; `trial_imei` is the handset in which a shop tried the card first, 0 for none;
    `away_from_s` to `away_to_s` it is abroad; `ported_day` is since when it has a number of another operator's range;
    `popularity` is how sought after its owner is; `next_imei` is the handset that replaces its own one day;
    of `turns` cards in one handset this is number `turn`; `departs_s` is when a train leaves, 0 for who needs none.
    """

    operator: Ints
    segment: npt.NDArray[np.int8]
    holder: Ints
    city: Ints
    home: Ints
    work: Ints
    others: npt.NDArray[np.int64]
    moves: npt.NDArray[np.int8]
    profile: npt.NDArray[np.int8]
    events_a_day: Floats
    sms_share: Floats
    stranger_share: Floats
    service_sms_a_day: Floats
    contacts: Ints
    popularity: Floats
    answers_share: Floats
    imei: Ints
    trial_imei: Ints
    next_imei: Ints
    next_imei_from_s: Ints
    registration: npt.NDArray[np.int8]
    bought_day: Ints
    dealer: Ints
    group: Ints
    live_from_s: Ints
    live_to_s: Ints
    away_from_s: Ints
    away_to_s: Ints
    ported_day: Ints
    data_sessions_a_day: Floats
    foreign_kin: Bools
    turns: npt.NDArray[np.int8]
    turn: npt.NDArray[np.int8]
    departs_s: Ints
    agent_messages_a_day: Floats
    rig: Ints
    imsi: Ints
    msisdn: Ints

    @property
    def count(self) -> int:
        """How many SIMs there are."""
        return self.operator.size

    def in_use(self, sim: Ints, at_s: Floats) -> Bools:
        """Whether each SIM lives and is in the country at each time, in seconds from the first night's midnight."""
        lives = (at_s >= self.live_from_s[sim]) & (at_s < self.live_to_s[sim])
        away = (at_s >= self.away_from_s[sim]) & (at_s < self.away_to_s[sim])
        return lives & ~away


# How a holder spends the day.
STAYS_PUT, COMMUTES, WANDERS, DRIVES = range(4)


def empty_sims(count: int) -> Sims:
    """SIMs with nothing drawn yet: their own holders, alive for ever, in no rig."""
    zeros = np.zeros(count, dtype=np.int64)
    small = np.zeros(count, dtype=np.int8)
    real = np.zeros(count)
    return Sims(
        operator=zeros.copy(),
        segment=small.copy(),
        holder=np.arange(count),
        city=zeros.copy(),
        home=zeros.copy(),
        work=zeros.copy(),
        others=np.zeros((count, 3), dtype=np.int64),
        moves=small.copy(),
        profile=small.copy(),
        events_a_day=real.copy(),
        sms_share=real.copy(),
        stranger_share=real.copy(),
        service_sms_a_day=real.copy(),
        contacts=zeros.copy(),
        popularity=real.copy(),
        answers_share=real.copy(),
        imei=zeros.copy(),
        trial_imei=zeros.copy(),
        next_imei=zeros.copy(),
        next_imei_from_s=np.full(count, ALWAYS),
        registration=small.copy(),
        bought_day=zeros.copy(),
        dealer=zeros.copy(),
        group=zeros.copy(),
        live_from_s=np.full(count, -ALWAYS),
        live_to_s=np.full(count, ALWAYS),
        away_from_s=np.full(count, ALWAYS),
        away_to_s=np.full(count, ALWAYS),
        ported_day=np.full(count, ALWAYS),
        data_sessions_a_day=real.copy(),
        foreign_kin=np.zeros(count, dtype=bool),
        turns=small.copy(),
        turn=small.copy(),
        departs_s=zeros.copy(),
        agent_messages_a_day=real.copy(),
        rig=np.full(count, -1),
        imsi=zeros.copy(),
        msisdn=zeros.copy(),
    )
