"""Case bundles for court: what they hold, how they are sealed, and who has had them in hand."""

from simbox.cases.alternatives import Evidence as AlternativeEvidence
from simbox.cases.alternatives import judge_alternatives
from simbox.cases.bundle import CUSTODY, MANIFEST, OUTSIDE, SIGNATURE, SIGNER, Bundle, open_bundle, pack, seal
from simbox.cases.claims import Claims, link_claims, link_rows, number_claims, number_rows, rig_claims
from simbox.cases.custody import add_entry, check_custody, read_custody, signers
from simbox.cases.damage import estimate_damage
from simbox.cases.header import Header
from simbox.cases.keys import fingerprint, new_key, public_pem, read_private_key, read_public_key, verify_signature
from simbox.cases.limits import describe_limits, describe_measured, find_missing

__all__ = [
    "CUSTODY",
    "MANIFEST",
    "OUTSIDE",
    "SIGNATURE",
    "SIGNER",
    "AlternativeEvidence",
    "Bundle",
    "Claims",
    "Header",
    "add_entry",
    "check_custody",
    "describe_limits",
    "describe_measured",
    "estimate_damage",
    "find_missing",
    "fingerprint",
    "judge_alternatives",
    "link_claims",
    "link_rows",
    "new_key",
    "number_claims",
    "number_rows",
    "open_bundle",
    "pack",
    "public_pem",
    "read_custody",
    "read_private_key",
    "read_public_key",
    "rig_claims",
    "seal",
    "signers",
    "verify_signature",
]
