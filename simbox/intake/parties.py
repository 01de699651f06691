"""The far end of a leg: its packed number, and what kind of number that is."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from simbox.config import Config
from simbox.tables.cdrs import OTHER_KIND
from simbox.telecom import numbering
from simbox.telecom.identifiers import pack_sender

WITHHELD_WORDS = ("anonymous", "withheld", "restricted", "unavailable")
_LONGEST = 10**15 - 1

Codes = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]


class NumberOwners(NamedTuple):
    """Who serves which number: by the subscribers, by PORTED, by prefix; operators as indices of `names`."""

    names: tuple[str, ...]
    plan: numbering.NumberingPlan
    subscribed: Longs
    subscribed_to: Codes
    ported: pl.DataFrame


def know_owners(subscribers: pl.DataFrame, ported: pl.DataFrame, config: Config) -> NumberOwners:
    """Who serves which number, from SUBSCRIBERS, PORTED and the configured prefixes.

    A number that several operators' subscribers had belongs to the one that had it last.
    """
    names = sorted({*config.operators, *subscribers["operator"], *ported["operator"]})
    codes = pl.DataFrame(list(enumerate(names)), schema={"owner": pl.Int32, "operator": pl.String}, orient="row")
    latest = (
        subscribers.filter(pl.col("msisdn").is_not_null())
        .select("msisdn", "operator", "valid_to", "valid_from")
        .with_columns(is_open=pl.col("valid_to").is_null())
        .sort("msisdn", "is_open", "valid_to", "valid_from", "operator")
        .unique("msisdn", keep="last", maintain_order=True)
        .join(codes, on="operator", how="left", maintain_order="left")
    )
    return NumberOwners(
        tuple(names),
        numbering.make_plan(config.numbers, config.operators, names),
        latest["msisdn"].to_numpy(),
        latest["owner"].to_numpy(),
        ported.join(codes, on="operator", how="left").rename({"msisdn": "other_party"}),
    )


def read_parties(column: pl.Series) -> tuple[pl.DataFrame, dict[int, str]]:
    """For each row `other_party`, `is_alphanumeric`, `is_withheld`; and the text of each alphanumeric sender's code."""
    if column.dtype != pl.String:
        frame = (
            column.cast(pl.Int64)
            .to_frame("given")
            .select(
                other_party=pl.when(pl.col("given").is_between(1, _LONGEST)).then("given"),
                is_alphanumeric=pl.lit(False),
                is_withheld=pl.col("given").is_null(),
            )
        )
        return frame, {}
    number = column.cast(pl.Int64, strict=False)
    frame = pl.DataFrame({"given": column, "number": number}).select(
        "given",
        other_party=pl.when(pl.col("number").is_between(1, _LONGEST)).then("number"),
        is_alphanumeric=pl.lit(False),
        is_withheld=pl.col("given").is_null(),
    )
    if number.null_count() == column.null_count():
        return frame.drop("given"), {}
    given = pl.col("given")
    frame = frame.with_columns(is_alphanumeric=pl.col("other_party").is_null() & given.str.contains(r"\p{L}"))
    is_word = given.str.to_lowercase().is_in(WITHHELD_WORDS)
    frame = frame.with_columns(
        is_withheld=given.is_null() | is_word, is_alphanumeric=pl.col("is_alphanumeric") & ~is_word
    )
    texts = frame.filter("is_alphanumeric")["given"].unique().sort().to_list()
    coded = pl.DataFrame(
        {"given": texts, "code": [pack_sender(text) for text in texts]}, schema={"given": pl.String, "code": pl.Int64}
    )
    frame = frame.join(coded, on="given", how="left", maintain_order="left")
    frame = frame.with_columns(other_party=pl.coalesce("code", "other_party"))
    return frame.drop("given", "code"), dict(coded.select("code", "given").iter_rows())


def kind_of_number(rows: pl.DataFrame, owners: NumberOwners) -> pl.Series:
    """OTHER_KIND of `other_party` as the row's `operator` sees it that `night`; null numbers are unknown."""
    number = rows["other_party"].fill_null(-1).to_numpy()
    position = {name: code for code, name in enumerate(owners.names)}
    served_by = _positions(rows["operator"], position)
    by_prefix = numbering.owner_or_kind(number, owners.plan)
    by_subscriber = _subscribed_to(number, owners)
    owner = np.where(by_subscriber >= 0, by_subscriber, by_prefix)
    ported_to = _ported_to(rows, owners)
    is_own = (by_subscriber >= 0) & (by_subscriber == served_by)
    owner = np.where((ported_to >= 0) & ~is_own, ported_to, owner)
    owner = np.where(by_prefix == numbering.SHORT_CODE, by_prefix, owner)
    words = list(OTHER_KIND.categories)
    kind = np.where(owner == served_by, words.index("on_net"), words.index("off_net"))
    for code, word in numbering.KIND_OF_CODE.items():
        kind[owner == code] = words.index(word)
    return pl.Series(kind.astype(np.uint8)).cat.to(OTHER_KIND)


def _positions(operator: pl.Series, position: dict[str, int]) -> Codes:
    """For each row the place of its operator among the names, -1 for others; each distinct one looked up once."""
    codes = operator.to_physical().to_numpy()
    distinct = operator.unique()
    places = np.full(int(codes.max(initial=0)) + 1, -1, dtype=np.int32)
    places[distinct.to_physical().to_numpy()] = [position.get(name, -1) for name in distinct.cast(pl.String).to_list()]
    return places[codes]


def _subscribed_to(number: Longs, owners: NumberOwners) -> Codes:
    if owners.subscribed.size == 0:
        return np.full(number.size, -1, dtype=np.int32)
    found = np.minimum(np.searchsorted(owners.subscribed, number), owners.subscribed.size - 1)
    codes: Codes = np.where(owners.subscribed[found] == number, owners.subscribed_to[found], np.int32(-1))
    return codes


def _ported_to(rows: pl.DataFrame, owners: NumberOwners) -> Codes:
    """The operator that a number was ported to and is with that night; -1 for numbers that stayed."""
    if owners.ported.is_empty():
        return np.full(rows.height, -1, dtype=np.int32)
    keys = ["other_party", "night"]
    asked = rows.select(keys).filter(pl.col("other_party").is_in(owners.ported["other_party"].implode())).unique()
    since = pl.col("valid_from").is_null() | (pl.col("valid_from") <= pl.col("night"))
    until = pl.col("valid_to").is_null() | (pl.col("night") <= pl.col("valid_to"))
    answers = (
        asked.join(owners.ported, on="other_party")
        .filter(since & until)
        .sort("valid_from", "owner")
        .unique(keys, keep="last", maintain_order=True)
        .select(*keys, "owner")
    )
    return rows.select(keys).join(answers, on=keys, how="left", maintain_order="left")["owner"].fill_null(-1).to_numpy()
