"""The messages that both dialects have with the same fields, declared once for both, by class."""
