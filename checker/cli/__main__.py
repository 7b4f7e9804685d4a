"""`python -m checker.cli`: the same as the command `pmmc`."""

import sys

from checker.cli import main

sys.exit(main())
