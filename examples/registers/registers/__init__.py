"""A register that clients write and read: one copy of it, or one on every server."""
