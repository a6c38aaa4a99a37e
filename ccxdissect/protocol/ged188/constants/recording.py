"""Constants of network recording."""

from __future__ import annotations

from ccxdissect.protocol.codes import Code


class PlayToneDirection(Code):
    """Who hears the tone of a recording. The names are ours."""

    LOCAL = 0
    REMOTE = 1
    BOTH = 2
    NONE = 3


class RecordingType(Code):
    """How a recording is started. The names are ours."""

    NONE = 0
    AUTOMATIC = 1
    APPLICATION_SILENT = 2
    USER_FROM_DEVICE = 3
    USER_FROM_APPLICATION = 4


class MediaForkingDeviceType(Code):
    """What sends the media to the recorder. The names are ours."""

    NONE = 0
    PHONE = 1
    GATEWAY = 2


class RecorderType(Code):
    """Whether a call may go on without the recorder. The names are ours."""

    UNKNOWN = 0
    OPTIONAL = 1
    MANDATORY = 2


class RecorderStatus(Code):
    """What became of a recorder. The names are ours."""

    UNKNOWN = 0
    SUCCESS = 1
    FAILURE = 2
