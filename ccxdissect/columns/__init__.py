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
#: What Arrow reads the settings of its memory from, once, when it is loaded.
ARROW_MEMORY = "JE_ARROW_MALLOC_CONF"
#: What one chunk of a capture leaves is there for the next, and nothing goes back to the system: given back after a fifth of a
#: second, a million messages as lines of JSON took a tenth longer, given back at once up to a half. With one arena, not one
#: for each thread, they hold no more for it.
KEEPING = "dirty_decay_ms:-1,muzzy_decay_ms:0,narenas:1"

if "numpy" not in sys.modules:
    # There is no linear algebra here: its threads would only take memory.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
if "pyarrow" not in sys.modules:
    os.environ.setdefault(ARROW_MEMORY, KEEPING)


def installed() -> bool:
    """Whether what the columns need is there. Looks, and loads nothing."""
    from importlib.util import find_spec

    return all(find_spec(name) is not None for name in ("numpy", "pyarrow"))
