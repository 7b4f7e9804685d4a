"""Two models compared: what a user sees of them, and their state graphs."""
