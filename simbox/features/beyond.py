"""Known patterns that FEATURES has no column for: those of several SIMs at once, and those that CDRS can't carry.

Numbered as in the catalogue.
"""

from typing import NamedTuple

from simbox.features.catalogue import Feature


class Absent(NamedTuple):
    """A pattern that others use and the canonical columns can't carry: left out, not approximated."""

    pattern: str
    source: str
    reason: str


GRAPH = (
    Feature("imei_in_turn", "rigs", "graph", "links", "one handset at one place, in turn", "no IMEI", "G1, D6, D9"),
    Feature(
        "relay", "rigs", "graph", "links", "one falls silent, the other starts at that place", "no cell", "G2, G12"
    ),
    Feature("same_places", "rigs", "graph", "links", "the same places on the same nights", "no cell", "G13, M12"),
    Feature("same_model", "rigs", "graph", "links", "a handset model seldom elsewhere", "no IMEI", "G9, G11, D4"),
    Feature("near_imei", "rigs", "graph", "links", "serial numbers of one delivery", "no IMEI", "D6"),
    Feature("near_imsi", "rigs", "graph", "links", "cards of one batch", "never", "G10, L6"),
    Feature("same_batch", "rigs", "graph", "links", "activated by one dealer on one day", "no register", "G10, L6"),
    Feature("shared_callees", "rigs", "graph", "links", "callees that few others call", "no callees", "G6"),
    Feature("contacts_kept", "rigs", "graph", "links", "contacts of a silent SIM, gone on with", "no callees", "G12"),
    Feature("calls_inside", "rigs", "graph", "links", "calls staged between them", "never", "G7, S11"),
    Feature("same_cap", "rigs", "graph", "links", "turns that end at one number", "never", "G8, T25"),
    Feature("moved_together", "rigs", "graph", "links", "moved between places at one time", "no cell", "G5, M12"),
    Feature("silent_together", "rigs", "graph", "links", "silent on the same nights", "no cell", "G4"),
    Feature("same_habits", "rigs", "graph", "links", "the same service at the same hours", "no zone", "T21"),
    Feature("ports", "rigs", "graph", "ports", "most SIMs of the rig busy at one instant", "never", "G3"),
)

ABSENT = (
    Absent("ring time", "T18", "CDRS has no set-up time: no interchange file must carry it"),
    Absent("release causes", "T20", "CDRS has no cause: an answered flag is all that feeds agree on"),
    Absent("clustering of contacts", "S6", "calls between two far ends are seen only where a feed serves one of them"),
    Absent("age of the people called", "S8", "no table holds anybody's age"),
    Absent("grey-number share", "S9", "needs a list of numbers that nobody uses"),
    Absent("timing advance", "M14", "CDRS has no timing advance: few feeds carry it"),
    Absent("class of the handset model", "D3", "needs the GSMA's device database, which is licensed"),
    Absent("IMEI with a wrong check digit", "D5", "CDRS keeps the 14 digits before it; placeholders are null"),
    Absent("model and radio capabilities at odds", "D10", "capabilities are in no CDR"),
    Absent("authentication latency", "D11", "signalling records tell only that a SIM was there"),
    Absent("switching on and off together", "G4", "signalling records tell only that a SIM was there"),
    Absent("age since activation", "L1, L2", "registration does no detecting: age is counted from the first record"),
    Absent("top-ups and tariff", "L5", "no canonical table holds payments"),
    Absent("SIMs of one document", "L7", "no canonical table holds documents"),
    Absent("text of SMS", "L9", "content is never read: codes are told by their senders"),
)
