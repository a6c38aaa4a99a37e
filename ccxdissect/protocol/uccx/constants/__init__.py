"""The constant tables, grouped by what they are about."""
