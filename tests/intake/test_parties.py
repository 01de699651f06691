"""The far end of a leg: whose number it is, or what kind of sender."""

import polars as pl
import pytest

from simbox.telecom.identifiers import pack_sender

SUBSCRIBERS = """imsi,msisdn,operator,registration,activated_on,valid_from,valid_to
401770000000011,77010000011,alpha,registered,2020-01-01,,
401010000000012,77010000012,beta,registered,2020-01-01,,
401770000000013,77020000013,alpha,registered,2020-01-01,,2024-12-31
401010000000013,77020000013,beta,registered,2020-01-01,2025-01-01,
"""
PORTED = """msisdn,operator,valid_from,valid_to
77010000021,beta,2025-01-01,
77010000022,beta,2025-01-01,2025-02-01
77020000023,alpha,2020-01-01,2025-01-01
77020000023,nozone,2025-01-02,
77010000011,beta,2020-01-01,
"""


@pytest.mark.parametrize(
    ("change", "kind", "number"),
    [
        ({"other_party": "77010000099"}, "on_net", 77_010_000_099),
        ({"other_party": "+77020000099"}, "off_net", 77_020_000_099),
        ({"other_party": "77010000011"}, "on_net", 77_010_000_011),
        ({"other_party": "77010000012"}, "off_net", 77_010_000_012),
        ({"other_party": "77020000013"}, "off_net", 77_020_000_013),
        ({"other_party": "77010000021"}, "off_net", 77_010_000_021),
        ({"other_party": "77010000022"}, "on_net", 77_010_000_022),
        ({"other_party": "77020000023"}, "off_net", 77_020_000_023),
        ({"other_party": "77090000001"}, "mobile_unknown", 77_090_000_001),
        ({"other_party": "442071234567"}, "international", 442_071_234_567),
        ({"other_party": "1414"}, "short_code", 1414),
        ({"other_party": "BANK"}, "alphanumeric", pack_sender("BANK")),
        ({"other_party": "Банк", "service": "sms"}, "alphanumeric", pack_sender("Банк")),
        ({"other_party": "*100#"}, "unknown", None),
        ({"other_party": "1234567890123456"}, "unknown", None),
        ({"other_party": None}, "withheld", None),
        ({"other_party": "Anonymous"}, "withheld", None),
        ({"other_party": None, "service": "data"}, "unknown", None),
        ({"other_party": "internet", "service": "data"}, "unknown", None),
        ({"other_party": "77010000099", "other_kind": "landline"}, "landline", 77_010_000_099),
        ({"other_party": "77010000099", "other_kind": "nonsense"}, "on_net", 77_010_000_099),
        ({"other_party": "BANK", "other_kind": "on_net"}, "alphanumeric", pack_sender("BANK")),
    ],
)
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_the_far_end_has_a_number_and_a_kind(source, rows, encode, change, kind, number, suffix):
    source.write("subscribers.csv", SUBSCRIBERS)
    source.write("ported.csv", PORTED)
    source.write(f"cdr/a.{suffix}", encode(rows(change), suffix))
    taken = source.take()
    assert source.cdrs().select(pl.col("other_kind").cast(pl.String), "other_party").rows() == [(kind, number)]
    assert taken.senders["other_party"].to_list() == ([number] if kind == "alphanumeric" else [])


def test_without_reference_tables_the_prefix_decides(source, rows, encode):
    parties = ["77010000012", "77020000013", "77010000021"]
    source.write("cdr/a.csv", encode(rows(*({"other_party": party} for party in parties)), "csv"))
    source.take()
    assert source.cdrs()["other_kind"].cast(pl.String).to_list() == ["on_net", "off_net", "on_net"]


def test_the_same_number_is_on_net_to_one_and_off_net_to_the_other(source, rows, encode):
    changes = [{"operator": operator, "other_party": "77020000099"} for operator in ("alpha", "beta", "nozone")]
    source.write("cdr/a.csv", encode(rows(*changes), "csv"))
    source.take()
    assert source.cdrs()["other_kind"].cast(pl.String).to_list() == ["off_net", "on_net", "off_net"]
