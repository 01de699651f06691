"""The text that lies in a case bundle: what is in it, and how to check it without simbox."""

_TEXT = """Case bundle of rig {rig_id}
{redacted}
What is in it
  report.html           the rig on one page
  case.json             number of the case, legal basis, who asked, who made it; nights judged; versions
  listed.csv            the SIMs on the list, with decision and state
  members.csv           all SIMs of the rig, those that an entry exempts among them
  claims.csv            everything that is said against a SIM, a pair of SIMs, the rig, each with its number
  claim_rows.csv        for each claim the source rows that show it: SHA-256 of the operator's file, and line
  source_rows.csv       these rows, all records of the listed SIMs among them
  counter_evidence.csv  what speaks for them
  alternatives.csv      lawful explanations that were weighed, with what was measured
  limits.json           rows rejected, tables missing, measured error rates, how the words are to be read
  damage.csv            minutes, SMS, estimated loss and how it was reckoned
  rig.csv, sites.csv, links.csv, scores.csv, reasons.csv, features.csv
                        the run's tables: points add up to the evidence in scores.csv, ten of them double the odds;
                        features.csv has the SIMs that were active in the last night
  columns.csv           what each column of these tables means
  inputs.csv            every file that the operators handed over, with its SHA-256, rows taken and rejected
  configuration.toml, scorecard.toml
                        what the answer depends on besides the records
  manifest.json         SHA-256 and size of each of these files
  manifest.json.sig, signer.pub
                        Ed25519 signature of manifest.json, and the public key of the signer
  custody.jsonl         who had this bundle in hand; each line holds the hash of the one before

How to check it
  simbox verify case.zip --key signer.pub             hashes, signature, custody, what adds up
  simbox verify case.zip --key signer.pub --source DIR
                                                      the same, and everything made again from the operators' files
  Take the public key from the signer himself: one that comes with the bundle proves that it was not changed since it
  was signed, not by whom. Without simbox, in the unpacked folder:
  openssl pkeyutl -verify -pubin -inkey signer.pub -rawin -in manifest.json -sigfile manifest.json.sig
  sha256sum FILE, compared with manifest.json
"""
_REDACTED = "Identifiers are shown in part only.\n"


def case_readme(rig_id: str, redacted: bool) -> str:
    """README.txt of a bundle."""
    return _TEXT.format(rig_id=rig_id, redacted=_REDACTED if redacted else "")
