"""An operator's own format in the making: its profile, and files as it would send them."""

from pathlib import Path

from simbox.config import Config, Operator
from simbox.intake import NO_ALLOWANCES, Allowances, take_in
from simbox.store import open_store

COLUMNS = (
    "REC_TYPE", "SERVED_IMSI", "SERVED_MSISDN", "SERVED_IMEI", "CALLED_NUM", "CALLING_NUM", "SEIZURE_TIME",
    "ANSWER_TIME", "DURATION", "LAC", "CI", "CAUSE_FOR_TERM", "CALL_REFERENCE",
)  # fmt: skip
USUAL = {
    "REC_TYPE": "MOC",
    "SERVED_IMSI": "401770000000001",
    "SERVED_MSISDN": "77010000001",
    "SERVED_IMEI": "356789012345670",
    "CALLED_NUM": "87020000002",
    "CALLING_NUM": "77010000001",
    "SEIZURE_TIME": "20250301120000",
    "ANSWER_TIME": "20250301120007",
    "DURATION": "60",
    "LAC": "1000",
    "CI": "10441",
    "CAUSE_FOR_TERM": "0",
    "CALL_REFERENCE": "",
}
PROFILE = """
[operator]
key = "alpha"

[feed.msc]
file_name = '^MSC(?P<node>[0-9]{2})_(?P<date>[0-9]{8})_(?P<sequence>[0-9]+)\\.csv'
separator = "|"
FEED

[feed.msc.limits]
rejects_share = 1.0
unknown_cells_share = 1.0
junk_imeis_share = 1.0
LIMITS

[feed.msc.columns]
leg = { from = "REC_TYPE", map = { MOC = ["voice", "mo"], MTC = ["voice", "mt"], SMO = ["sms", "mo"], SMT = ["sms", "mt"], FWD = ["voice", "cf"], GPRS = ["data", "mo"], LU = ["signalling", "mo"] }, skip = ["TRANSIT", "USSD"] }
imsi = "SERVED_IMSI"
msisdn = "SERVED_MSISDN"
imei = { from = "SERVED_IMEI", form = "auto" }
other_party = { mo = "CALLED_NUM", mt = "CALLING_NUM", cf = "CALLED_NUM" }
started_at = { from = "ANSWER_TIME", else = "SEIZURE_TIME", format = "%Y%m%d%H%M%S" }
duration_s = { from = "DURATION", unit = "s" }
answered = { from = "ANSWER_TIME", when = "not empty" }
cell = { lac = "LAC", ci = "CI", kind = "cgi", radix = "dec" }
cause_class = { from = "CAUSE_FOR_TERM", map = { "0" = "normal", "1" = "partial", "4" = "failed" } }
call_ref = "CALL_REFERENCE"

[numbers]
country = "KZ"
international_prefixes = ["810", "00"]
short_codes = ["101", "102", "112", "1414"]
strip = ["B", "F"]
"""  # noqa: E501
FILE = "cdr/MSC01_20250301_000001.csv"
OPERATORS = {
    "alpha": Operator(mcc_mncs=["401-77", "401-07"], timezone="Asia/Almaty", msisdn_prefixes=["7701"]),
    "beta": Operator(mcc_mncs=["401-01"], timezone="Asia/Almaty", msisdn_prefixes=["7702"]),
}


class Batch:
    """A source folder with one operator's profile."""

    def __init__(self, path: Path) -> None:
        self.path = path / "source"
        self.store = open_store(path / "store", create=True)
        (self.path / "cdr").mkdir(parents=True)
        self.profile()

    def profile(self, feed: str = "", limits: str = "", change=lambda text: text) -> None:
        """Write the profile with more keys of the feed, other limits, or any change of its text."""
        text = PROFILE.replace("FEED", feed)
        if limits:
            text = text[: text.index("rejects_share")] + limits + text[text.index("LIMITS") + 6 :]
        self.write("operators/alpha.toml", change(text.replace("LIMITS", "")))

    def write(self, name: str, content: str | bytes) -> None:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def put(self, *changes: dict[str, str], name: str = FILE) -> None:
        """Write a file of usual records with changes, one for each."""
        self.write(name, text_of(*changes))

    def take(self, allowed: Allowances = NO_ALLOWANCES):
        return take_in(self.path, self.store, Config(operators=OPERATORS), allowed=allowed)

    def cdrs(self):
        """What the store holds, by record."""
        return self.store.read(self.store.nights()).sort("record_id")


def text_of(*changes: dict[str, str], header: bool = True, separator: str = "|", end: str = "\n") -> str:
    """Lines of usual records with changes; each has a second of its own, so that none repeats another."""
    lines = [separator.join(COLUMNS)] if header else []
    for number, change in enumerate(changes):
        second = f"{number // 60 % 60:02d}{number % 60:02d}"
        times = {"SEIZURE_TIME": f"2025030112{second}", "ANSWER_TIME": f"2025030113{second}"}
        row = USUAL | times | change
        lines.append(separator.join(row.get(name, "") for name in COLUMNS))
    return end.join(lines) + end
