"""Numba kernels: arrays of a SIM's records in, numbers for each SIM out; nothing but numpy and numba.

Compiled code is kept on disk, so importing a driver compiles it at most once on a machine.
"""
