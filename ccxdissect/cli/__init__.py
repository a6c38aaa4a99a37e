"""The command line: one file per command in `commands`; adding a command is adding a file."""
