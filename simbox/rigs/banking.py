"""How a rig works its bank of cards: which took turns in one port, and whether the cards are where the radios are."""

import polars as pl

from simbox.telecom.cells import distance_m

# Masts of one house are within some hundred metres of each other in a town, cells of one place within a few kilometres.
FAR_KM = 5.0
# No car is faster from door to door, and hardly a train.
ROAD_KM_H = 200.0
# A card that was carried elsewhere once has moved house; one that goes back was switched.
LEAST_RETURNS = 2


def bank_signs(member_records: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """For each rig_id what shows that its cards are kept elsewhere and reach its radios over the network.

    `far_switches`: legs of a card that begin more than 5 km from the end of its last one, sooner than at 200 km/h;
    `shuttling_count`: cards that went from one place to another more than 5 km off and back, twice or more, in whatever
    time. From placed records of members (with rig_id) and PLACES; cells that have no position tell nothing.
    """
    where = places.select("place", "place_lat", "place_lon").unique("place").drop_nulls()
    legs = (
        member_records.join(where, on="place")
        .select(
            "rig_id", "imsi", "place", "place_lat", "place_lon", "started_at",
            ended_at=pl.col("started_at") + pl.duration(seconds=pl.col("duration_s").fill_null(0)),
        )
        # Of two legs at one instant the place decides, so that the order of records does not.
        .sort("rig_id", "imsi", "started_at", "place", "ended_at")
    )  # fmt: skip
    former = [pl.col(name).shift().alias(f"former_{name}") for name in legs.columns]
    goes_on = (pl.col("imsi") == pl.col("former_imsi")) & (pl.col("rig_id") == pl.col("former_rig_id"))
    moves = legs.with_columns(former).filter(goes_on & (pl.col("place") != pl.col("former_place")))
    apart_m = distance_m(
        *(moves[name].to_numpy() for name in ("former_place_lat", "former_place_lon", "place_lat", "place_lon"))
    )
    far = moves.with_columns(apart_km=pl.Series(apart_m, dtype=pl.Float64) / 1000).filter(pl.col("apart_km") > FAR_KM)
    hours = (pl.col("started_at") - pl.col("former_ended_at")).dt.total_seconds() / 3600
    switched = far.group_by("rig_id").agg(
        far_switches=(pl.col("apart_km") > ROAD_KM_H * hours.clip(lower_bound=0)).sum().cast(pl.Int32)
    )
    shuttling = (
        far.group_by("rig_id", "imsi", a=pl.min_horizontal("place", "former_place"),
                     b=pl.max_horizontal("place", "former_place"))
        .agg(moves=pl.len())
        .filter(pl.col("moves") >= 2 * LEAST_RETURNS)
        .group_by("rig_id")
        .agg(shuttling_count=pl.col("imsi").n_unique().cast(pl.Int32))
    )  # fmt: skip
    rigs = member_records.select("rig_id").unique()
    return (
        rigs.join(switched, on="rig_id", how="left")
        .join(shuttling, on="rig_id", how="left")
        .with_columns(pl.col("far_switches", "shuttling_count").fill_null(0))
        .sort("rig_id")
    )


def port_chains(member_records: pl.DataFrame) -> pl.DataFrame:
    """(port, turn, imsi, first_at, last_at, legs): the cards that took turns under one IMEI of a rig, in their order.

    A gateway that gives each port an IMEI shows so which card followed which; one that gives each card its own shows no
    chain. Ports are numbered from 1, those with most turns first; a turn ends when another card shows the IMEI. From
    records of one rig's members.
    """
    legs = (
        member_records.filter(pl.col("imei").is_not_null())
        .sort("imei", "started_at", "imsi")
        .with_columns(turn=(pl.col("imsi") != pl.col("imsi").shift()).fill_null(value=True).cum_sum().over("imei"))
    )
    turns = legs.group_by("imei", "turn", "imsi").agg(
        first_at=pl.col("started_at").min(), last_at=pl.col("started_at").max(), legs=pl.len().cast(pl.Int32)
    )
    ports = (
        turns.group_by("imei")
        .agg(turns=pl.col("turn").max(), cards=pl.col("imsi").n_unique())
        .filter(pl.col("cards") > 1)
        .sort("turns", "imei", descending=[True, False])
        .with_row_index("port", 1)
    )
    return turns.join(ports, on="imei").sort("port", "turn").select(
        pl.col("port").cast(pl.Int32), pl.col("turn").cast(pl.Int32), "imsi", "first_at", "last_at", "legs"
    )  # fmt: skip
