"""`python -m entrypoint` and the console script `morse-entrypoint`."""

from __future__ import annotations

import sys

from entrypoint.signals import Signals, Terminated


def main() -> None:
    """Run the command line and exit; signals are answered from here on, while modules still load."""
    signals = Signals()
    try:
        signals.install()
        from entrypoint import cli  # noqa: PLC0415 - a signal during this import is answered too

        code = cli.main(signals)
    except Terminated as terminated:
        code = 128 + terminated.signum
    sys.exit(code)


if __name__ == "__main__":
    main()
