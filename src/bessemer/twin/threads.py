"""BLAS with one thread, where its products are small.

A pool of threads wakes up for every product of a picture, and those that wait for the next spin: on
two cores that takes half of all CPU time, and wins none by the clock.
"""

from contextlib import AbstractContextManager
from functools import cache

from threadpoolctl import ThreadpoolController


def one_blas_thread() -> AbstractContextManager[object]:
    """Return a context in which BLAS computes in the calling thread alone; cheap to enter."""
    limit: AbstractContextManager[object] = _loaded().limit(limits=1, user_api="blas")
    return limit


@cache
def _loaded() -> ThreadpoolController:
    """Return the libraries that are loaded, which takes milliseconds to find out."""
    return ThreadpoolController()
