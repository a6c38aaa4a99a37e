"""Where the arrays of chunk after chunk are to lie: what one has left, the next takes, and the system is not asked."""

from __future__ import annotations

import numpy as np

#: What is freed up to so many bytes stays with the process; columns of a chunk take less.
_STAYS = 16 << 20


def keep_what_is_freed() -> None:
    """Have memory of numpy's arrays stay with this process when it is freed.

    glibc gives pieces of 128 KiB and more back to the system, and what lies at the end of its heap, until it has seen that
    larger ones come and go: one such is made and freed, and never touched. Each page that comes back anew is a fault of some
    2 us; a chunk made 500 of them. Does nothing elsewhere.
    """
    np.empty(_STAYS, np.uint8)


def use_lean_pool() -> None:
    """Have Arrow take its memory where little stays behind: from jemalloc where it is built in, else from the system.

    Measured with a million messages as lines of JSON: the default (mimalloc) holds 30 MiB more from the start; glibc before
    2.38 does not reuse what was aligned, and so grows with the capture.
    """
    import pyarrow as pa

    if "jemalloc" in pa.supported_memory_backends():
        pa.set_memory_pool(pa.jemalloc_memory_pool())
    else:
        pa.set_memory_pool(pa.system_memory_pool())
