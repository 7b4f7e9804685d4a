"""Why a counterexample is one: what would have excluded it, what of it does not matter, which others there are."""
