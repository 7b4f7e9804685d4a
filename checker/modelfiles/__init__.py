"""Model files: from a text to a system, all that is wrong with it said at once, with its place."""
