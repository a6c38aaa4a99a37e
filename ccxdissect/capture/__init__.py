"""Where bytes come from: packets of capture files (and, beside them, live sources), peeled down to TCP
segments.

Nothing here knows what a CTI message is.
"""
