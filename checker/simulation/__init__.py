"""Simulation: random walks for what cannot be explored.

Reading order: `replaying` (events of a run in the reference semantics), `shortening` (fewer of them that
show the same), `simulate` (one model, from the question to the result) and `account` (what can be said of
runs that found nothing). What walks is asked and answers as `checker.engines.simulating` says, and is in
the native engine, in the room `walks`.
"""
