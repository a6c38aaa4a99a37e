"""`python -m ccxdissect`."""

from ccxdissect.cli.main import main

raise SystemExit(main())
