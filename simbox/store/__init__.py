"""The CDR store: records by night, sorted by bucket and SIM, in parts that never change."""

from simbox.store.store import Store, open_store

__all__ = ["Store", "open_store"]
