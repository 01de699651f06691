"""The CDR store: records by night, sorted by bucket and SIM, in parts that never change."""

from simbox.store.parts import file_sha256
from simbox.store.store import Store, open_store

__all__ = ["Store", "file_sha256", "open_store"]
