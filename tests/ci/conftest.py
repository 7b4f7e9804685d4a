"""The helper modules beside the tests, and those of unit tests, can be imported."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.append(str(Path(__file__).parents[1] / "unit" / "support"))
