"""One file per command, named as it; each has `SUMMARY`, `configure(parser)` and `run(args) -> int`."""
