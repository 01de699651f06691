"""What ties a SIM to a rig: what few others share with it: its place, its handset, its neighbours among IMSIs in use.

How dense the rig's members are there, the SIM itself left out, gives the odds that a SIM of that place, handset or run
of cards is one of them; over the odds of any SIM that is the weight of the tie.
"""

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
import polars as pl

from simbox.rigs.comparisons import RUN_WIDTH, TAC_DIVISOR
from simbox.rigs.crowd import Crowd
from simbox.rigs.traits import Traits

# One fact seen from several sides: what more than this many points would say is said already.
TIES_CAP = 170
TIE_CAP = {"place": 90, "handset": 110, "batch": 135, "contacts": 40}
# One family by itself: a whole house is near a rig, a whole street bought from its dealer.
LONE_CAP = 75
# Families overlap, and who is tied to a rig has neighbours who are too: of the SIMs of worlds of the scenarios ladder,
# quiet, crowded and partial whose own evidence and ties came to 30 points, every second was a member.
OVERLAP_POINTS = 30
MOST_LACKING = -40
MAIN_MODEL_SHARE = 0.5
NEIGHBOURS = 5
LEAST_PARTNERS = 2
LEAST_IN_RUN = 2


class Ground(NamedTuple):
    """What ties are read from: records of the SIMs involved, their traits and calls to each other (LINKS), the numbers
    that ring them from outside (imsi, other_party), busy SIMs that customers ring (imsi), the crowd, the evidence of
    any SIM, and families that tie nobody."""

    records: pl.DataFrame
    traits: Traits
    links: pl.DataFrame
    outside: pl.DataFrame
    rung: pl.DataFrame
    crowd: Crowd
    base_points: int
    leave_out: Collection[str] = ()


class Family(NamedTuple):
    """What speaks against a SIM that shows a thing of a family (`shows`: imsi) and is not among those `tied` by it
    (group, imsi), nor by its model where that is the family: points (group, lacking) as far as it ties nearly all
    founders."""

    shows: pl.DataFrame
    tied: pl.DataFrame
    lacking: pl.DataFrame
    is_model: bool


class Sought(NamedTuple):
    """Whose ties are asked for: those of the SIMs `anywhere` (imsi) to all groups, and of others to their `own` (group,
    imsi)."""

    anywhere: pl.DataFrame
    own: pl.DataFrame

    def among(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """Of pairs (group, imsi) those that are asked for."""
        return pl.concat(
            [pairs.join(self.anywhere, on="imsi", how="semi"), pairs.join(self.own, on=["group", "imsi"], how="semi")]
        )


class FounderTies(NamedTuple):
    """What ties the SIMs sought to groups by their founders alone (group, imsi, family, points), whoever joins these
    later; by their model, of those sought anywhere, what it says (group, tac, family, points) and who shows which
    (imsi, tac).

    Boxes are of a few makes, so each SIM shares its model with many groups: all ties would be groups times SIMs.
    """

    points: pl.DataFrame
    families: tuple[Family, ...]
    by_model: pl.DataFrame
    models: pl.DataFrame
    sought: Sought

    def sharing_model(self, sims: pl.DataFrame) -> pl.DataFrame:
        """(group, imsi) of SIMs (imsi) sought anywhere and the groups whose model they show."""
        return sims.join(self.models, on="imsi").join(self.by_model, on="tac").select("group", "imsi")

    def of_model(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """What their models tie pairs (group, imsi) by, as `points` are."""
        return (
            pairs.join(self.models, on="imsi")
            .join(self.by_model, on=["group", "tac"])
            .select("group", "imsi", "family", "points")
        )


def ties_to_founders(founders: pl.DataFrame, ground: Ground, sought: Sought) -> FounderTies:
    """What SIMs share with founders (group, imsi), whose own ties are among those sought: places, handsets, models.

    Only founders count there, or a rig would swallow its neighbours one by one.
    """
    traits, crowd, base = ground.traits, ground.crowd, ground.base_points
    alike = _of_main_model(founders, traits.models)
    on_model = _members_by(alike, traits.models, models_in_use(crowd), ["tac"])
    at_places = _density(founders, traits.homes, crowd.settled, ["place"], "place", base, sought)
    on_handsets = _density(founders, traits.handsets, crowd.sims_on_imei, ["imei"], "handset", base, sought)
    own_models = sought.own.join(traits.models, on="imsi").join(on_model, on=["group", "tac"])
    of_models = _tie_points(_of_others(own_models, alike), "handset", base)
    found = [
        ("place", _by_coverage(at_places, founders, traits), _family(at_places, traits.homes, founders)),
        ("handset", on_handsets, _family(on_handsets, traits.handsets, founders)),
        ("handset", of_models, _family(of_models, traits.models, founders, is_model=True)),
    ]
    told = [(points, family) for name, points, family in found if name not in ground.leave_out]
    points = pl.concat([at_places.clear(), *(points for points, _ in told)])
    by_model = _tie_points(_of_others(on_model, None), "handset", base, "tac")
    if "handset" in ground.leave_out:
        by_model = by_model.clear()
    models = traits.models.join(sought.anywhere, on="imsi", how="semi")
    return FounderTies(points, tuple(family for _, family in told), by_model, models, sought)


def ties(groups: pl.DataFrame, to_founders: FounderTies, ground: Ground) -> pl.DataFrame:
    """(group, imsi, ties): points that tie the SIMs sought to groups, at most 170, but of SIMs sought anywhere that
    share nothing but the model.

    The strongest family counts whole, the others three quarters: who lives at the place of a rig buys at its dealer's.
    All members of `groups` count among neighbours in a run of cards, which has an end, and in staged calls; elsewhere
    the founders do.
    """
    among_members = {"batch": _run_density(groups, ground), "contacts": staged_ties(groups, ground.links)}
    sought = to_founders.sought
    told = [sought.among(points) for family, points in among_members.items() if family not in ground.leave_out]
    near = pl.concat([to_founders.points, *told])
    of_model = to_founders.of_model(near.select("group", "imsi").unique())
    return _sum_up(pl.concat([near, of_model]), of_model, to_founders)


def model_ties(pairs: pl.DataFrame, near: pl.DataFrame, to_founders: FounderTies) -> pl.DataFrame:
    """(group, imsi, ties) of those pairs of a group and a SIM sought anywhere that share nothing but a model, `near`
    (group, imsi) being those that share more."""
    of_model = to_founders.of_model(pairs.join(near, on=["group", "imsi"], how="anti"))
    return _sum_up(of_model, of_model, to_founders)


def _sum_up(points: pl.DataFrame, of_model: pl.DataFrame, to_founders: FounderTies) -> pl.DataFrame:
    """(group, imsi, ties) from the points of families; `of_model` are those of SIMs sought anywhere."""
    tied = (
        points.group_by("group", "imsi", "family")
        .agg(points=pl.col("points").max().cast(pl.Int32))
        .group_by("group", "imsi")
        .agg(strongest=pl.col("points").max(), all=pl.col("points").sum())
    )
    nothing = tied.select("group", "imsi", lacking=pl.lit(0, dtype=pl.Int32)).clear()
    lacking = pl.concat([nothing, *(_lacking(tied, of_model, family) for family in to_founders.families)])
    return (
        tied.join(lacking.group_by("group", "imsi").agg(pl.col("lacking").sum()), on=["group", "imsi"], how="left")
        .select("group", "imsi", ties=_all_told(pl.col("strongest"), pl.col("all"), pl.col("lacking").fill_null(0)))
        .sort("group", "imsi")
    )


def most_ties(tied: pl.DataFrame) -> pl.DataFrame:
    """(imsi, ties): at least what these SIMs can be tied by to any group, from the points of families (imsi, family,
    points), as if all of their legs were at its places and nothing lacked."""
    by_family = tied.group_by("imsi", "family").agg(pl.col("points").max().cast(pl.Int32))
    told = _all_told(pl.col("points").max(), pl.col("points").sum(), pl.lit(0))
    return by_family.group_by("imsi").agg(ties=told)


def densest(
    groups: pl.DataFrame, holders: pl.DataFrame, crowd: pl.DataFrame, key: str, family: str, base_points: int
) -> pl.DataFrame:
    """(imsi, family, points): at least what any group ties each holder (imsi, key) by, from the group that has most
    members there."""
    count = next(name for name in crowd.columns if name != key)
    inside = (
        holders.join(groups, on="imsi")
        .group_by("group", key)
        .agg(others=pl.col("imsi").n_unique().cast(pl.Int64))
        .group_by(key)
        .agg(pl.col("others").max())
        .join(crowd, on=key)
        .with_columns(strangers=(pl.col(count).cast(pl.Int64) - 1 - pl.col("others")).clip(0))
    )
    odds = holders.join(inside, on=key).with_columns(group=pl.lit(0, dtype=pl.Int64))
    return _tie_points(odds, family, base_points).select("imsi", "family", "points")


def _all_told(strongest: pl.Expr, everything: pl.Expr, lacking: pl.Expr) -> pl.Expr:
    told = (
        pl.when(strongest == everything)
        .then(strongest.clip(upper_bound=LONE_CAP))
        .otherwise((strongest + 3 * everything) // 4)
    )
    return (told + lacking - OVERLAP_POINTS).clip(0, TIES_CAP).cast(pl.Int32)


def _family(tied: pl.DataFrame, holders: pl.DataFrame, founders: pl.DataFrame, *, is_model: bool = False) -> Family:
    """How likely a member is to lack what a family ties by follows from the founders; a stranger lacks it as good as
    surely. Whoever never shows a thing of that family can't lack it."""
    shows = holders.select("imsi").unique()
    pairs = tied.select("group", "imsi").unique()
    own = founders.join(shows, on="imsi").join(pairs.with_columns(is_tied=pl.lit(1)), on=["group", "imsi"], how="left")
    shares = own.group_by("group").agg(founders=pl.len(), untied=pl.col("is_tied").is_null().sum())
    chance = (pl.col("untied") + 1) / (pl.col("founders") + 2)
    points = (10 * chance.log(2)).clip(MOST_LACKING, 0).round(0).cast(pl.Int32)
    return Family(shows, pairs, shares.select("group", lacking=points), is_model)


def _lacking(tied: pl.DataFrame, of_model: pl.DataFrame, family: Family) -> pl.DataFrame:
    """(group, imsi, lacking): points against SIMs tied to a group, but not by this family."""
    by_family = pl.concat([family.tied, of_model.select("group", "imsi")]) if family.is_model else family.tied
    return (
        tied.join(family.shows, on="imsi", how="semi")
        .join(by_family, on=["group", "imsi"], how="anti")
        .join(family.lacking, on="group")
        .select("group", "imsi", "lacking")
    )


def _by_coverage(at_places: pl.DataFrame, founders: pl.DataFrame, traits: Traits) -> pl.DataFrame:
    """Ties at places times the share of a SIM's legs at any of the group's places: who only works there goes home."""
    haunts = traits.homes.join(founders, on="imsi").select("group", "place").unique()
    covered = (
        traits.legs.join(haunts, on="place")
        .group_by("group", "imsi")
        .agg(covered=pl.col("legs").sum())
        .join(traits.legs.group_by("imsi").agg(all=pl.col("legs").sum()), on="imsi")
    )
    return at_places.join(covered, on=["group", "imsi"]).select(
        "group", "imsi", "family", points=(pl.col("points") * pl.col("covered") / pl.col("all")).round(0)
    )


def _of_main_model(founders: pl.DataFrame, models: pl.DataFrame) -> pl.DataFrame:
    """(group, imsi) of the founders that show the model which half of their group shows, where there is one."""
    shown = founders.join(models, on="imsi")
    sims = pl.len().over("group", "tac")
    return shown.filter(sims >= MAIN_MODEL_SHARE * pl.len().over("group")).select("group", "imsi")


def models_in_use(crowd: Crowd) -> pl.DataFrame:
    return crowd.sims_on_imei.group_by(tac=pl.col("imei") // TAC_DIVISOR).agg(pl.col("imei_sims").sum())


def _members_by(groups: pl.DataFrame, holders: pl.DataFrame, crowd: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """How many members of each group share a thing, and how many SIMs do: (group, what is shared, members, everybody).

    `crowd` counts all SIMs by `key`; `holders` may have a place beside it, where the members must have been too.
    """
    count = next(name for name in crowd.columns if name not in key)
    shared = [name for name in holders.columns if name != "imsi"]
    inside = holders.join(groups, on="imsi").group_by("group", *shared).agg(members=pl.col("imsi").n_unique())
    return inside.join(crowd.select(*key, everybody=count), on=key)


def _of_others(odds: pl.DataFrame, groups: pl.DataFrame | None) -> pl.DataFrame:
    """The members beside each SIM, itself left out where it is one of `groups`, and the strangers beside it."""
    itself = pl.lit(0)
    if groups is not None:
        odds = odds.join(groups.with_columns(is_member=pl.lit(1)), on=["group", "imsi"], how="left")
        itself = pl.col("is_member").fill_null(0)
    return odds.with_columns(others=pl.col("members").cast(pl.Int64) - itself).with_columns(
        strangers=(pl.col("everybody").cast(pl.Int64) - 1 - pl.col("others")).clip(0)
    )


def _density(
    groups: pl.DataFrame,
    holders: pl.DataFrame,
    crowd: pl.DataFrame,
    key: list[str],
    family: str,
    base_points: int,
    sought: Sought,
) -> pl.DataFrame:
    """Ties by members of a group among all SIMs that share a key, the SIM itself left out."""
    inside = _members_by(groups, holders, crowd, key)
    shared = [name for name in holders.columns if name != "imsi"]
    met = [
        holders.join(sought.anywhere, on="imsi", how="semi").join(inside, on=shared),
        holders.join(sought.own, on="imsi").join(inside, on=["group", *shared]),
    ]
    odds = pl.concat([pairs.select("group", "imsi", "members", "everybody") for pairs in met])
    return _tie_points(_of_others(odds, groups), family, base_points)


def _run_density(groups: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """Ties by members of a group among a SIM's five neighbours on either side in the order of IMSIs in use."""
    imsis = ground.crowd.imsis.to_numpy()
    sims = ground.traits.sims["imsi"].to_numpy()
    rank = np.searchsorted(imsis, sims)
    steps = np.array([step for step in range(-NEIGHBOURS, NEIGHBOURS + 1) if step != 0])
    position = rank[:, None] + steps
    valid = (position >= 0) & (position < imsis.size)
    neighbour = imsis[np.clip(position, 0, imsis.size - 1)]
    valid &= np.abs(neighbour - sims[:, None]) < RUN_WIDTH
    everybody = pl.DataFrame({"imsi": sims, "neighbours": valid.sum(axis=1)})
    # Hardly any of hundreds of thousands of SIMs is a member's neighbour.
    row, column = np.nonzero(valid & np.isin(neighbour, groups["imsi"].to_numpy()))
    pairs = pl.DataFrame({"imsi": sims[row], "neighbour": neighbour[row, column]})
    inside = (
        pairs.join(groups.rename({"imsi": "neighbour"}), on="neighbour")
        .group_by("group", "imsi")
        .agg(others=pl.len().cast(pl.Int64))
    )
    odds = inside.join(everybody, on="imsi").with_columns(strangers=pl.col("neighbours") - pl.col("others"))
    return _tie_points(odds.filter(pl.col("others") >= LEAST_IN_RUN), "batch", ground.base_points)


def staged_ties(groups: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """Ties of SIMs that themselves call or write to two members or more; being called makes a victim, not a mate."""
    calls = links.filter(pl.col("comparison") == "calls_inside")
    out = ("both", "a_to_b"), ("both", "b_to_a")
    by_caller = pl.concat(
        [
            calls.filter(pl.col("direction").is_in(out[0])).select("weight", imsi="imsi_a", other="imsi_b"),
            calls.filter(pl.col("direction").is_in(out[1])).select("weight", imsi="imsi_b", other="imsi_a"),
        ]
    )
    return (
        by_caller.join(groups.rename({"imsi": "other"}), on="other")
        .group_by("group", "imsi")
        .agg(partners=pl.len(), points=pl.col("weight").max())
        .filter(pl.col("partners") >= LEAST_PARTNERS)
        .select(
            "group", "imsi", family=pl.lit("contacts"), points=pl.col("points").clip(0, TIE_CAP["contacts"]).round(0)
        )
    )


def _tie_points(odds: pl.DataFrame, family: str, base_points: int, whose: str = "imsi") -> pl.DataFrame:
    """Points of (group, `whose`) with `others` members and `strangers` beside it, over the odds of any SIM."""
    log2_odds = (pl.col("others") / (pl.col("strangers") + 1)).log(2)
    return odds.filter(pl.col("others") > 0).select(
        "group",
        whose,
        family=pl.lit(family),
        points=(10 * log2_odds - base_points).clip(0, TIE_CAP[family]).round(0),
    )
