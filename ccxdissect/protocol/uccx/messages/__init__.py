"""The messages, one file per class; what is declared in a chapter of a file here belongs to the protocol.

So do the messages of `protocol.common.messages`, which both dialects have alike.
"""
