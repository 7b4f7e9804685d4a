"""Simulation: random walks for what cannot be explored. `replaying` (events of a run in the reference
semantics), `shortening` (fewer of them that show the same), `account` (what can be said of runs that found
nothing) and `simulate` (one model, from the question to the result).
"""
