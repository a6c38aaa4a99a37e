"""The same messages in bulk: chunks of a capture in, columns of messages out, by numpy.

Packet chain, headers, order, frames and fields are told for thousands of packets at a time. Whatever is not plain (holes,
conflicting overlaps, damage, unknown versions or forms, cut packets, fragments) is handed as segments to `capture`,
`stream` and `codec`, whose objects hold all state that lasts from chunk to chunk; what they give comes back into the
order. So the two paths are equal, and a test holds them so. Needs the extra `fast`; imported only when there is enough
to read.
"""

from __future__ import annotations

import os
import sys

#: The fewest stored bytes of a capture for which loading numpy and Arrow pays.
WORTH_LOADING = 3 << 20
#: The fewest for which using them pays where they are loaded anyway.
WORTH_USING = 256 << 10
#: Bytes of a capture read at a time where each chunk becomes rows of many tables: the fewer, the more of each.
CHUNK_OF_TABLES = 2 << 20


if "numpy" not in sys.modules:
    # There is no linear algebra here: its threads would only take memory.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
if "pyarrow" not in sys.modules:
    # What one chunk of a capture leaves is there for the next, and what none takes goes back to the system after a fifth of
    # a second. Given back at once, a million messages as lines of JSON took a fifth to a half longer, after a tenth of a second
    # up to a tenth; after the second that is usual, and with an arena for each thread, they held a tenth more.
    os.environ.setdefault("JE_ARROW_MALLOC_CONF", "dirty_decay_ms:200,muzzy_decay_ms:0,narenas:1")


def installed() -> bool:
    """Whether what the columns need is there. Looks, and loads nothing."""
    from importlib.util import find_spec

    return all(find_spec(name) is not None for name in ("numpy", "pyarrow"))
