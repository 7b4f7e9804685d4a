"""The JSON forms of what commands find (documented in docs/json.md)."""
