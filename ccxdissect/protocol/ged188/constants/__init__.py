"""The constant tables, grouped by what they are about; those that Unified CCX shares are in protocol/common."""
