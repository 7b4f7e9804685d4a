"""Processes that play roles: implementations of one's own, in any language, asked over a line protocol.

Reading order: `lines`, `schema`, `command`, `process` and its `guardian`, `pool`, `answers`, `opaque`
(local states of which only a part is known), `implementation` (a command in the place of a role); `within`
plays the same part in this process.
"""
