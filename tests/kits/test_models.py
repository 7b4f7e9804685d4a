"""The models beside the kits: what each expects, and that a process has exactly the states of our own roles."""

from pathlib import Path

import pytest

from checker import verify
from checker.checking.question import Options
from checker.engines.choose import Means
from checker.engines.contract import Reductions
from checker.modelfiles.loading import load, load_text
from checker.modelfiles.protocol import protocols

UNREDUCED = Options(Means("native", workers=1), reductions=Reductions(False, False, False))
