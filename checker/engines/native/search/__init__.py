"""The search, level by level, and its workers."""
