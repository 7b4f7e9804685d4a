"""Engines: they explore a system. What they are asked and answer is in `contract`."""
