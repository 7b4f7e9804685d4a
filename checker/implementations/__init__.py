"""Processes that play roles: implementations of one's own, in any language, asked over a line protocol."""
