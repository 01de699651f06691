"""A record that carries only a number is given the SIM behind it, or none."""

import pytest

SUBSCRIBERS = "imsi,msisdn,operator,registration,activated_on,valid_from,valid_to\n"
ROW = "{},77010000050,alpha,registered,2020-01-01,{},{}\n"
FIRST, SECOND = "401770000000051", "401770000000052"
BY_NUMBER = {"imsi": None, "msisdn": "77010000050", "service": "sms", "direction": "mt"}


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([(FIRST, "", "")], FIRST),
        ([(FIRST, "", "2025-02-28"), (SECOND, "2025-03-01", "")], SECOND),
        ([(FIRST, "", ""), (SECOND, "2025-03-01", "")], SECOND),
        ([(FIRST, "", "2025-03-01"), (SECOND, "2025-03-02", "")], FIRST),
        ([(FIRST, "", ""), (FIRST, "", "")], FIRST),
        ([(FIRST, "", ""), (SECOND, "", "")], None),
        ([(FIRST, "", "2025-02-28")], None),
    ],
)
def test_the_registry_as_of_the_night_tells_the_sim(source, rows, encode, entries, expected):
    source.write("subscribers.csv", SUBSCRIBERS + "".join(ROW.format(*entry) for entry in entries))
    source.write("cdr/a.csv", encode(rows({}, BY_NUMBER), "csv"))
    taken = source.take()
    found = [str(imsi) for imsi in source.cdrs()["imsi"][1:]]
    assert found == ([expected] if expected else [])
    lost = [] if expected else [("cdr/a.csv", 3, "unresolved_msisdn", "imsi (sms mt)")]
    assert taken.rejects.drop("raw").rows() == lost
    assert all("77010000050" in raw for raw in taken.rejects["raw"])
    assert taken.files["rows_kept"].to_list() == [len(found) + 1]


def test_pairs_seen_in_the_operators_own_records_tell_it_too(source, rows, encode):
    source.write("cdr/a.csv", encode(rows({"operator": "alpha"} | BY_NUMBER, {"operator": "beta"} | BY_NUMBER), "csv"))
    source.write("cdr/b.csv", encode(rows({"imsi": FIRST, "msisdn": "77010000050"}), "csv"))
    taken = source.take()
    assert source.cdrs()["imsi"].to_list() == [int(FIRST)] * 2
    assert taken.rejects.select("file", "line").rows() == [("cdr/a.csv", 3)]


def test_a_number_seen_with_two_sims_stays_unresolved(source, rows, encode):
    pairs = [{"imsi": imsi, "msisdn": "77010000050"} for imsi in (FIRST, SECOND)]
    source.write("cdr/a.csv", encode(rows(*pairs, BY_NUMBER), "csv"))
    assert source.take().rejects["rule"].to_list() == ["unresolved_msisdn"]


def test_a_number_that_the_registry_does_not_know_that_night_is_looked_up_in_the_records(source, rows, encode):
    source.write("subscribers.csv", SUBSCRIBERS + ROW.format(FIRST, "", "2025-02-28"))
    source.write("cdr/a.csv", encode(rows({"imsi": SECOND, "msisdn": "77010000050"}, BY_NUMBER), "csv"))
    source.take()
    assert source.cdrs()["imsi"].to_list() == [int(SECOND)] * 2
