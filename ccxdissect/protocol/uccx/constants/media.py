"""Constants of the RTP events."""

from __future__ import annotations

from ccxdissect.protocol.codes import Code
from ccxdissect.protocol.common.constants import (
    EchoCancellation as EchoCancellation,
)
from ccxdissect.protocol.common.constants import (
    RTPDirection as RTPDirection,
)
from ccxdissect.protocol.common.constants import (
    RTPType as RTPType,
)


class RTPBitRate(Code):
    """Bit rate of G.723 only. Page: rtp_started_event-optional."""

    RTPBitRateR5_3 = 1, "G.723 5.3 kbit/s"
    RTPBitRateR6_4 = 2, "G.723 6.4 kbit/s"


class AudioCodecType(Code):
    """The codec of a media stream (PayloadType). Page: audio-codec-type-values."""

    NONSTANDARD = 0
    G711ALAW64K = 1
    G711ALAW56K = 2
    G711ULAW64K = 3
    G711ULAW56K = 4
    G722_64K = 5
    G722_56K = 6
    G722_48K = 7
    G7231 = 8
    G728 = 9
    G729 = 10
    G729ANNEXA = 11
    IS11172AUDIOCAP = 12
    IS13818AUDIOCAP = 13
    ACY_G729AASSN = 14
    DATA64 = 15
    DATA56 = 16
    GSM = 17
    ACTIVEVOICE = 18
