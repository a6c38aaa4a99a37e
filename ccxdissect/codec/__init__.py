"""Declarations compiled into decoders and encoders: bytes in, values out. No I/O, no Scapy."""

from __future__ import annotations

from ccxdissect.codec.decoder import Decoded, Decoder, FloatingField
from ccxdissect.codec.encoder import Encoder
from ccxdissect.codec.forms import BY_TITLE, FORMS, ONE_ONE, TWO_ONE, TWO_TWO, FloatingForm, proposed
from ccxdissect.codec.layout import HEADER, CompiledLayout
from ccxdissect.codec.problems import Problem, ProblemKind
from ccxdissect.codec.values import NamedValue, Value

__all__ = [
    "BY_TITLE",
    "FORMS",
    "HEADER",
    "ONE_ONE",
    "TWO_ONE",
    "TWO_TWO",
    "CompiledLayout",
    "Decoded",
    "Decoder",
    "Encoder",
    "FloatingField",
    "FloatingForm",
    "NamedValue",
    "Problem",
    "ProblemKind",
    "Value",
    "proposed",
]
