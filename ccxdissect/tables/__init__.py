"""The same rows as everywhere, as tables: Arrow in memory, Parquet on disk, SQL over both. Needs the extra `tables`."""

from __future__ import annotations

import os
import sys

from ccxdissect.columns import ARROW_MEMORY, KEEPING

if "pyarrow" not in sys.modules:
    if os.environ.get(ARROW_MEMORY) == KEEPING:
        # Tables are large, and seldom alike: what one leaves and none takes would stay, 12 MiB of it.
        os.environ[ARROW_MEMORY] = "dirty_decay_ms:200,muzzy_decay_ms:0,narenas:1"
    # What Parquet's writers work in comes from a pool that they can be told in no other way. The usual one (mimalloc) holds
    # 15 MiB beside what all else of Arrow's is in, and more with each million messages; the system's is there everywhere.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
