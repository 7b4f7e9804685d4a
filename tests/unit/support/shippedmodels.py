"""The shipped models, each read once in a process: many tests choose among all by what they hold."""

from functools import cache
from pathlib import Path

from checker.modelfiles.loading import LoadedModel, load
from spec.protocol import PMMC
from spec.replicated_log.protocol import REPLICATED_LOG

KNOWN = {protocol.name: protocol for protocol in (PMMC, REPLICATED_LOG)}


@cache
def loaded(path: Path) -> LoadedModel:
    """The model of a file."""
    return load(path, protocols=KNOWN)
