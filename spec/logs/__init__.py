"""Logs of running systems of PMMC: what they are held against."""

from spec.logs.form import LOGS

__all__ = ["LOGS"]
