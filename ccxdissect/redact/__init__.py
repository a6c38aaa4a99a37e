"""Redaction: captures and logs rewritten so that they can be given away and still be analysed."""
