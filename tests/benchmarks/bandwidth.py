"""How fast this machine reads memory: numpy adds up a buffer as large as the weights, with one thread and with all."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

_READS = 5


def read_bandwidth(size: int) -> float:
    """Give bytes a second for a buffer of ``size`` bytes: the fastest of some reads, with one thread or all cores."""
    buffer = np.ones(max(size, 8) // 8, dtype=np.uint64)
    cores = os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as pool:
        return max(_fastest(pool, np.array_split(buffer, threads)) for threads in {1, cores})


def _fastest(pool: ThreadPoolExecutor, parts: list[np.ndarray[tuple[int], np.dtype[np.uint64]]]) -> float:
    best = float("inf")
    for _ in range(_READS):
        began = time.perf_counter()
        list(pool.map(np.sum, parts))
        best = min(best, time.perf_counter() - began)
    return sum(part.nbytes for part in parts) / best
