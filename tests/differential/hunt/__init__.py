"""A hunt for systems on which the engines disagree: random ones, from a seed, of many kinds and sizes.

    python -m tests.differential.hunt --models 1000 --seed 7

Reading order: `streams` (random draws), `claims` (random properties), the generators `tables`, `peers`,
`election` and `paxos`; `recipes` (from a seed to a system, and to smaller ones); `comparing` (what two
engines must agree on), `coverage` (what a comparison really exercised); `hunting` and `__main__`.
"""
