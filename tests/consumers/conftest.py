"""The helper modules of unit tests can be imported."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "unit" / "support"))
