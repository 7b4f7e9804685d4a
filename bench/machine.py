"""What a measurement ran on."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bench.measure import RunError, run
from bench.plan import Plan

LIBRARIES = ("numba", "llvmlite", "numpy", "pydantic", "PyYAML", "networkx")


def describe(plan: Plan) -> dict[str, str]:
    """Machine, versions and how busy the machine was, each by its name."""
    load = " ".join(f"{x:.2f}" for x in os.getloadavg())
    found = {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "processor": f"{_processor()}, {os.cpu_count()} cores visible",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        **{name: _version(name) for name in LIBRARIES},
        "pmmc": f"{_version('pmmc')}, revision {_revision()}",
        "TLC": _tlc(plan),
        "SPIN": f"{plan.spin.version}; {plan.spin.compiler}" if plan.spin else "not run",
        "load before the run (1, 5, 15 minutes)": load,
        "runs": f"{plan.runs} of each of ours, {plan.peer_runs} of each long one" + " (quick)" * plan.quick,
    }
    if plan.tlc is not None:
        found["Java"] = _java()
    return found


def _tlc(plan: Plan) -> str:
    if plan.tlc is None:
        return "not run"
    text = run([*plan.tlc.command, "-h"], codes=range(256)).output
    shown = [line.strip() for line in text.splitlines() if "Version" in line]
    return shown[0] if shown else "version unknown"


def _java() -> str:
    try:
        return run(["java", "-version"]).output.splitlines()[0]
    except (OSError, RunError):
        return "unknown"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _revision() -> str:
    try:
        short = run(["git", "rev-parse", "--short", "HEAD"]).output.strip()
        changed = run(["git", "status", "--porcelain", "--untracked-files=no", "--", "*.py"]).output.strip()
    except (OSError, RunError):
        return "unknown"
    return f"{short} with changes" if changed else short


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
