"""The command line `pmmc`: reads the arguments, runs a command, turns what goes wrong into exit codes.

Results go to stdout, progress and complaints to stderr. No library is imported before a command runs,
so that `--help` and `--version` answer at once.

Reading order: `running` (from arguments to an exit code) and `registry` (a command's module, imported when
it runs), `grammar` (what may stand on a command line) and `usage`; `commands`, and what they share:
`models` (which are meant), `overrides` (of what their files say), `checkpoints`, `artifacts`, `tracedir`,
`output`, `streams`; `starting` (a protocol to begin with).
"""

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code. Never lets an exception out."""
    try:
        # imported within, so that Ctrl-C ends it in the same way from the first moment on
        from checker.cli.running import run  # noqa: PLC0415

        return run(arguments)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
