"""Measurements: `python -m bench` measures, side by side and in one run, and writes RESULTS.md.

Reading order: `measure` (one process, and several in turn), `peers` (other model checkers, if there are
any), `rows` and its neighbours (what is measured), `results` (what is written). `python -m bench.twin`
compares the state counts of the Python model with those of its TLA+ twin.
"""
