"""Handsets, modems and gateways: which models there are, and the IMEIs they carry."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simbox.synth.randomness import Bools, Floats, Ints, stream

PHONES, MODEMS, GATEWAYS = 140, 14, 6
SERIALS = 1_000_000


@dataclass(frozen=True)
class Models:
    """Type allocation codes with popularity; gateway codes serve lawful terminals and rigs alike."""

    tac: Ints
    lte: Bools
    phone_share: Floats
    modem_share: Floats
    gateway_share: Floats

    def phones(self, rng: np.random.Generator, count: int) -> Ints:
        """IMEIs of phones drawn by popularity."""
        return self._draw(rng, count, self.phone_share, 0)

    def modems(self, rng: np.random.Generator, count: int) -> Ints:
        """IMEIs of modems and fixed terminals."""
        return self._draw(rng, count, self.modem_share, PHONES)

    def gateways(self, rng: np.random.Generator, count: int) -> Ints:
        """IMEIs of one model of gateway, as delivered in one box."""
        tac = self.tac[PHONES + MODEMS + int(rng.choice(GATEWAYS, p=self.gateway_share))]
        return tac * SERIALS + (int(rng.integers(SERIALS)) + np.sort(rng.permutation(count * 3)[:count])) % SERIALS

    def one_model(self, rng: np.random.Generator, count: int) -> Ints:
        """IMEIs of one popular model of phone with serial numbers drawn freely."""
        tac = self.tac[int(rng.choice(PHONES, p=self.phone_share))]
        return tac * SERIALS + rng.integers(0, SERIALS, count)

    def is_lte(self, imei: Ints) -> Bools:
        """Whether these handsets speak 4G."""
        order = np.argsort(self.tac)
        place = np.minimum(np.searchsorted(self.tac[order], imei // SERIALS), self.tac.size - 1)
        known = self.tac[order][place] == imei // SERIALS
        return self.lte[order][place] & known

    def _draw(self, rng: np.random.Generator, count: int, share: Floats, first: int) -> Ints:
        model = first + rng.choice(share.size, count, p=share)
        return self.tac[model] * SERIALS + rng.integers(0, SERIALS, count)


def build_models(seed: int) -> Models:
    """Draw the models on the market."""
    rng = stream(seed, "models")
    total = PHONES + MODEMS + GATEWAYS
    body = rng.choice(1_000_000, total, replace=False)
    tac = rng.choice([35, 86], total, p=[0.6, 0.4]) * 1_000_000 + body
    lte = np.concatenate([rng.random(PHONES) < 0.85, rng.random(MODEMS) < 0.4, rng.random(GATEWAYS) < 0.5])
    shares = (_zipf(rng, PHONES, 0.9), _zipf(rng, MODEMS, 0.7), _zipf(rng, GATEWAYS, 0.5))
    return Models(tac.astype(np.int64), lte, *shares)


def with_check_digit(imei: Ints) -> Ints:
    """The 15-digit IMEI: 14 digits and their Luhn digit."""
    # Looked up for five, five and four digits at a time: a digit at a time took five times as long.
    total = _LUHN_FROM_ODD[imei // 10**9] + _LUHN_FROM_EVEN[imei // 10**4 % 10**5] + _LUHN_FROM_EVEN[imei % 10**4]
    checked: Ints = imei * 10 + (10 - total % 10) % 10
    return checked


def _luhn_sums(doubles_last: bool) -> npt.NDArray[np.int64]:
    """The Luhn sum of each number below 100000, every second digit doubled, the last one or the last but one first."""
    total = np.zeros(10**5, dtype=np.int64)
    rest = np.arange(10**5)
    for position in range(5):
        digit = rest % 10
        rest = rest // 10
        if (position % 2 == 0) == doubles_last:
            digit = digit * 2
            digit -= 9 * (digit > 9)
        total += digit
    return total


_LUHN_FROM_EVEN, _LUHN_FROM_ODD = _luhn_sums(doubles_last=True), _luhn_sums(doubles_last=False)


def _zipf(rng: np.random.Generator, count: int, exponent: float) -> npt.NDArray[np.float64]:
    share = 1.0 / np.arange(1, count + 1) ** exponent
    share = share[rng.permutation(count)]
    normal: Floats = share / share.sum()
    return normal
