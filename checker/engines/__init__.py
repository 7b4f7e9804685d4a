"""Engines: they explore a system. What they are asked and answer is in `contract`.

Reading order: `contract`, `kept` (how states are kept in plain Python), `walk` (level by level) and
`reference`, the engine that is the meaning; `choose` (the engines by name), `checkpoint`. The room
`native` is the fast engine; its reading order is its own.

Over the graph of all states: `graph`, `marks`, `backwards` (for `can-still`), `collapse`, `fairruns` and
`lassos` (for what every fair run comes to). `reaching` says from which states what violates a claim can
still be reached, by plain search; `situations` which local situations come about. `groups` (renamings) and
`shiftclaims` are obligations of reductions in plain values. `simulating` is what a simulation is asked and
answers.
"""
