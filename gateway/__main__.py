"""Run the command line: `smsgw`, or `python -m gateway`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command that the arguments name and exit with its code."""
    from gateway.cli.app import run  # noqa: PLC0415 - a child process imports this module too

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
