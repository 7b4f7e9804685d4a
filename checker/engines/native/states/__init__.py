"""States: packed into words, stored, shared out among owners."""
