"""Counts: how much was tabulated and checked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Counts:
    """How many local steps, rows and posts were computed, and how many obligations were checked."""

    local_steps: int = 0
    rows: int = 0
    posts: int = 0
    obligations: int = 0
