"""Paths to what was found: back through the levels, and unfolded into real steps."""
