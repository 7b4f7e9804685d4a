"""Paxos Made Moderately Complex as pure functions.

Source of all of it, called *the paper*: R. van Renesse and D. Altınbüken, "Paxos Made Moderately
Complex", ACM Computing Surveys 47(3), article 42, 2015.

A rule is a function (context, local state, message) → steps. It reads nothing else, changes
nothing, and gives equal results for equal arguments. This package imports only the standard library.
"""
