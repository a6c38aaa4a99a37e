"""`python -m ccxdissect`, and the command `ccxdissect`."""


def main() -> int:
    """Run the command line; who interrupts it ends it quietly, from its first import on."""
    try:
        from ccxdissect.cli.main import main as run

        return run()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
