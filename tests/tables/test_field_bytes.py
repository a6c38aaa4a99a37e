"""The bytes of many fields at once, without the NUL that ends a text, wherever they lie and however long they are."""

from __future__ import annotations

import random

import numpy as np
import pytest

from ccxdissect.tables.field_bytes import FieldBytes

#: How long fields are: all the same, much alike, hardly alike, and none.
SIZES = ([6], [3, 4, 5], [0, 1, 2, 300], [0])


@pytest.mark.parametrize("ended", [False, True])
@pytest.mark.parametrize("in_order", [False, True])
@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("seed", range(3))
def test_strings(seed: int, sizes: list[int], in_order: bool, ended: bool) -> None:
    chance = random.Random(seed)
    data, spans = b"", []
    for _ in range(200):
        data += bytes(chance.randrange(1, 9))
        text = bytes(chance.randrange(1, 256) for _ in range(chance.choice(sizes)))
        if ended and text and chance.random() < 0.5:
            text = text[:-1] + b"\0"
        spans.append((len(data), len(data) + len(text)))
        data += text
    if not in_order:
        chance.shuffle(spans)
    start, stop = np.array(spans, np.int64).T
    texts = np.array([chance.random() < 0.7 for _ in spans])
    lying = FieldBytes(data, np.frombuffer(data, np.uint8), start, stop, texts)
    for begin, end in ((0, 200), (150, 200), (7, 8), (20, 90)):
        wanted = [
            data[one:other].removesuffix(b"\0") if is_text else data[one:other]
            for (one, other), is_text in zip(spans[begin:end], texts[begin:end].tolist(), strict=True)
        ]
        made = lying.strings(slice(begin, end))
        made.validate(full=True)
        assert made.to_pylist() == wanted
