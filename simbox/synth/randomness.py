"""Where chance comes from: a tree of generators named by topic, so that no draw depends on another's order."""

import zlib

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def stream(seed: int, topic: str, *indices: int) -> np.random.Generator:
    """The generator of one topic (and night, rig, ...) of the world that a seed names."""
    key = (zlib.crc32(topic.encode()), *indices)
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=key)))


def hashed_uniform(salt: int, *keys: npt.NDArray[np.integer]) -> Floats:
    """A number in [0, 1) that is always the same for the same keys: chance that lasts, without a table to keep it."""
    state = np.full(np.broadcast_shapes(*(key.shape for key in keys)), np.uint64(salt & 0xFFFFFFFFFFFFFFFF))
    for key in keys:
        state = (state ^ key.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        state ^= state >> np.uint64(29)
        state *= np.uint64(0xBF58476D1CE4E5B9)
        state ^= state >> np.uint64(32)
    uniform: Floats = (state >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return uniform


def runs_of(counts: Ints) -> tuple[Ints, Ints]:
    """For each item of back-to-back runs of given lengths: the run it belongs to, and its number within the run."""
    owner = np.repeat(np.arange(counts.size), counts)
    first = np.cumsum(counts) - counts
    return owner, np.arange(owner.size) - first[owner]


def order_of(*keys: tuple[npt.NDArray[np.integer], int]) -> Ints:
    """The order of rows by several keys, the most important first, each with how many bits it needs; ties stay.

    Keys and row number are packed into one integer where they fit: sorting these takes a tenth of a lexsort.
    """
    count = keys[0][0].size
    row_bits = max(count - 1, 1).bit_length()
    if row_bits + sum(bits for _, bits in keys) > 63:
        return np.lexsort([key for key, _ in reversed(keys)])
    packed = np.zeros(count, dtype=np.int64)
    for key, bits in keys:
        packed <<= bits
        packed |= key
    packed <<= row_bits
    packed |= np.arange(count)
    packed.sort()
    packed &= (1 << row_bits) - 1
    return packed
