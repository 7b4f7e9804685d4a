"""Mutants examined: whether the properties notice what is wrong."""
