"""Where work on buckets runs: a function goes over them, no stage knows on how many threads."""

from simbox.engines.local import map_in_order, worker_count

__all__ = ["map_in_order", "worker_count"]
