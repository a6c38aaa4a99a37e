"""The traffic of the benchmark with oddities in every message: a field that its message does not list, one that is longer
than the guide allows, and a reserved slot that holds something else.

    python tests/bench/deviating.py MESSAGES FILE
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any

import traffic

from ccxdissect.codec import Encoder, Value
from ccxdissect.protocol.uccx.declarations import UCCX_CTI


class OddEncoder(Encoder):
    """Encodes what is asked for, and oddities with it."""

    def encode(  # type: ignore[override]
        self,
        message: str,
        fixed: Mapping[str, int | bytes] | None = None,
        floating: Iterable[tuple[str | int, Value]] = (),
        **more: Any,
    ) -> bytes:
        """As the encoder does."""
        declared = UCCX_CTI.message(message)
        odd = {row.name: 7 for row in declared.fixed if row.reserved and row.constant is not None}
        given = [*floating, ("TrunkNumber", 5), ("AccountCode", "a" * 45)]
        return super().encode(message, {**odd, **(fixed or {})}, given, **more)


if __name__ == "__main__":
    traffic.ENCODER = OddEncoder(UCCX_CTI)
    traffic.main(int(sys.argv[1]), sys.argv[2])
