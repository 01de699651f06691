"""The CDR store: records by night, sorted by bucket and SIM, in parts that never change."""

from simbox.store.memory import LEAST_MEMORY, Memory, read_memory
from simbox.store.parts import file_sha256
from simbox.store.runs import Pile
from simbox.store.store import Store, open_store
from simbox.store.writer import StoreWriter

__all__ = ["LEAST_MEMORY", "Memory", "Pile", "Store", "StoreWriter", "file_sha256", "open_store", "read_memory"]
