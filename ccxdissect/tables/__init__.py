"""The same rows as everywhere, as tables: Arrow in memory, Parquet on disk, SQL over both. Needs the extra `tables`."""

from __future__ import annotations

import os
import sys

from ccxdissect.columns import ARROW_MEMORY, KEEPING

if "pyarrow" not in sys.modules and os.environ.get(ARROW_MEMORY) == KEEPING:
    # Tables are large, and seldom alike: what one leaves and none takes would stay, 12 MiB of it.
    os.environ[ARROW_MEMORY] = "dirty_decay_ms:200,muzzy_decay_ms:0,narenas:1"
