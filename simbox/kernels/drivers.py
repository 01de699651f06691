"""All drivers by the fields they find, so that only those run that are asked for something."""

import inspect
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simbox.kernels import callees, contacts, gaps, handset, lifecycle, movement, rhythm, routine, volume

Floats = npt.NDArray[np.float64]

_MODULES: dict[Callable[..., Floats], tuple[str, ...]] = {
    volume.volume: volume.FIELDS,
    callees.callees: callees.FIELDS,
    contacts.contacts: contacts.FIELDS,
    rhythm.rhythm: rhythm.FIELDS,
    gaps.gaps: gaps.FIELDS,
    movement.movement: movement.FIELDS,
    routine.routine: routine.FIELDS,
    handset.handset: handset.FIELDS,
    lifecycle.lifecycle: lifecycle.FIELDS,
}
_PARAMETERS = {
    driver: [
        parameter.name
        for parameter in inspect.signature(driver).parameters.values()
        if parameter.kind is not parameter.KEYWORD_ONLY
    ]
    for driver in _MODULES
}


class Share(NamedTuple):
    """What one driver finds of the fields asked for, and the columns that it takes."""

    fields: tuple[str, ...]
    columns: tuple[str, ...]


def by_driver(fields: Collection[str]) -> list[Share]:
    """These fields by the driver that finds them, for whoever can't hold the columns of all drivers at once."""
    shares = [
        Share(tuple(field for field in found if field in fields), tuple(_PARAMETERS[driver]))
        for driver, found in _MODULES.items()
    ]
    return [share for share in shares if share.fields]


def run_drivers(columns: Mapping[str, Any], fields: Collection[str] | None = None) -> dict[str, Floats]:
    """Values of these fields, or of all, for each SIM, NaN where unknown.

    `columns` holds what drivers take, by the names of their parameters; those that no driver of these fields takes may
    be absent. KeyError for a field that no driver finds.
    """
    known = {field for found in _MODULES.values() for field in found}
    if fields is not None and (unknown := set(fields) - known):
        raise KeyError(f"no kernel finds {', '.join(sorted(unknown))}")
    values: dict[str, Floats] = {}
    for driver, found in _MODULES.items():
        chosen = [(at, field) for at, field in enumerate(found) if fields is None or field in fields]
        if chosen:
            table = driver(*[columns[name] for name in _PARAMETERS[driver]], fields=fields)
            values |= {field: table[:, at] for at, field in chosen}
    return values
