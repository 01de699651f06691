"""The lawful explanations that were weighed: what would show each, what the records of the rig show instead.

The borders are set by reasoning, not estimated; the measured value stands beside each finding, so that a court can draw
its own.
"""

from collections.abc import Callable
from typing import NamedTuple

import polars as pl

RUNG_BACK_SHARE = 0.25
FEW_NUMBERS = 3
SETTLED_SHARE = 0.7
LARGE_HOUSEHOLD = 10
TIED_SHARE = 0.5
KIND_SHARE = 0.5
TELLING_LINKS = ("imei_in_turn", "relay", "near_imsi", "shared_callees", "contacts_kept", "calls_inside")
NEXT_CHECKS = {
    "call centre or PBX gateway": "ask the operator for a contract of the address; call some of the numbers reached",
    "couriers or taxis": "ask the operator for cells with timing advance over one working day",
    "machines (M2M, alarms)": "ask the operator for the tariff of the cards",
    "licensed GSM gateway": "compare the IMEIs and the address with the regulator's register",
    "strangers at one place (market, dormitory, indoor repeater)": "see the place; ask for a repeater",
    "one household, or second-hand phones in a family": "ask the operator who pays for the cards and who tops them up",
    "counterfeit phones with a cloned IMEI": "leave the handsets aside: see whether the rig holds by its other links",
    "tourists or inbound roamers": "ask the home networks how long the cards have been abroad",
    "a company's batch of cards": "ask the company to whom it gave the cards",
}
_MADE = (pl.col("direction") == "mo") & pl.col("service").is_in(["voice", "sms"])


class Evidence(NamedTuple):
    """What is weighed: records of the listed SIMs, their rows on the list, all MEMBERS of the rig, those of them that
    are exempt (REVIEW), LINKS, SITES, SIMs outside any rig by IMEI (imei, outside_sims), reference tables absent."""

    records: pl.DataFrame
    listed: pl.DataFrame
    members: pl.DataFrame
    exempt: pl.DataFrame
    links: pl.DataFrame
    sites: pl.DataFrame
    outside: pl.DataFrame
    missing: tuple[str, ...]


class Alternative(NamedTuple):
    """A lawful explanation, what was measured for it, whether that speaks against it or leaves it open, and what would
    settle it."""

    alternative: str
    measured: str
    value: float | None
    border: str
    finding: str
    next_check: str


def judge_alternatives(evidence: Evidence) -> pl.DataFrame:
    """Each alternative with what was measured and `against` it or `open`; open also where it can't be measured."""
    rows = [
        _call_centre(evidence.records),
        _couriers(evidence.sites),
        _machines(evidence),
        _gateway(evidence),
        _strangers(evidence),
        _household(evidence),
        _cloned(evidence.outside),
        _registered_as(evidence, "roamer", "tourists or inbound roamers"),
        _registered_as(evidence, "corporate", "a company's batch of cards"),
    ]
    return pl.DataFrame(
        rows,
        schema={
            "alternative": pl.String,
            "measured": pl.String,
            "value": pl.Float64,
            "border": pl.String,
            "finding": pl.String,
            "next_check": pl.String,
        },
        orient="row",
    ).with_columns(pl.col("value").round(4))


def _call_centre(records: pl.DataFrame) -> Alternative:
    """Who works a call centre or a switchboard is rung back by those it calls."""
    called = records.filter(_MADE).select("other_party").drop_nulls().unique()
    callers = records.filter((pl.col("direction") == "mt") & pl.col("service").is_in(["voice", "sms"]))
    rung = called.join(callers, on="other_party", how="semi")
    return _weigh(
        "call centre or PBX gateway",
        "share of the numbers reached that called or wrote to a listed SIM",
        rung.height / called.height if called.height else None,
        f"against it below {RUNG_BACK_SHARE:.0%}",
        lambda share: share < RUNG_BACK_SHARE,
    )


def _couriers(sites: pl.DataFrame) -> Alternative:
    """Couriers and taxis call many people as well, and move."""
    return _weigh(
        "couriers or taxis",
        "share of the located events at the rig's places",
        float(sites["event_share"].sum()) if sites.height else None,
        f"against it from {SETTLED_SHARE:.0%} on",
        lambda share: share >= SETTLED_SHARE,
    )


def _machines(evidence: Evidence) -> Alternative:
    """Meters and alarms reach the few numbers of their servers."""
    made = evidence.records.filter(_MADE)
    numbers = made.group_by("imsi").agg(pl.col("other_party").n_unique())["other_party"]
    median = float(numbers.median() or 0) if numbers.len() else None  # type: ignore[arg-type]
    return _weigh(
        "machines (M2M, alarms)",
        "numbers that half of the SIMs reach, or more",
        median,
        f"against it from {FEW_NUMBERS} on",
        lambda count: count >= FEW_NUMBERS,
    )


def _gateway(evidence: Evidence) -> Alternative:
    if "gateways" in evidence.missing:
        return Alternative(
            "licensed GSM gateway",
            "no table of lawful gateways was given",
            None,
            "",
            "open",
            NEXT_CHECKS["licensed GSM gateway"],
        )
    return _weigh(
        "licensed GSM gateway",
        "members that an exemption or a white-listed gateway covers",
        float(evidence.exempt.height),
        "against it if there is none",
        lambda count: count == 0,
    )


def _strangers(evidence: Evidence) -> Alternative:
    """Strangers at a market, a dormitory or an indoor repeater share the place and nothing else."""
    telling = evidence.links.filter(pl.col("comparison").is_in(TELLING_LINKS) & (pl.col("weight") > 0))
    tied = pl.concat([telling["imsi_a"], telling["imsi_b"]]).unique()
    listed = evidence.listed["imsi"]
    share = int(listed.is_in(tied.implode()).sum()) / listed.len() if listed.len() else None
    return _weigh(
        "strangers at one place (market, dormitory, indoor repeater)",
        "share of the listed SIMs tied to another by more than the place: handset, relay, card batch, numbers called",
        share,
        f"against it from {TIED_SHARE:.0%} on",
        lambda one: one >= TIED_SHARE,
    )


def _household(evidence: Evidence) -> Alternative:
    return _weigh(
        "one household, or second-hand phones in a family",
        "members of the rig",
        float(evidence.members.height),
        f"against it above {LARGE_HOUSEHOLD}",
        lambda count: count > LARGE_HOUSEHOLD,
    )


def _cloned(outside: pl.DataFrame) -> Alternative:
    """An IMEI written into many counterfeit phones joins people who never met."""
    return _weigh(
        "counterfeit phones with a cloned IMEI",
        "most SIMs outside any rig that showed one of its IMEIs",
        float(outside["outside_sims"].max() or 0) if outside.height else None,  # type: ignore[arg-type]
        "against it if there is none",
        lambda count: count == 0,
    )


def _registered_as(evidence: Evidence, registration: str, alternative: str) -> Alternative:
    if "subscribers" in evidence.missing:
        return _unmeasured(alternative, "no table of subscribers was given")
    listed = evidence.listed
    share = listed.filter(pl.col("registration") == registration).height / listed.height if listed.height else None
    return _weigh(
        alternative,
        f"share of the listed SIMs that are {registration}",
        share,
        f"against it below {KIND_SHARE:.0%}",
        lambda one: one < KIND_SHARE,
    )


def _weigh(
    alternative: str, measured: str, value: float | None, border: str, against: Callable[[float], bool]
) -> Alternative:
    finding = "against" if value is not None and against(value) else "open"
    return Alternative(alternative, measured, value, border, finding, NEXT_CHECKS[alternative])


def _unmeasured(alternative: str, why: str) -> Alternative:
    return Alternative(alternative, why, None, "", "open", NEXT_CHECKS[alternative])
