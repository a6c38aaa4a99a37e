"""How results are shown: tables, JSON lines, CSV, trees, ladders."""
