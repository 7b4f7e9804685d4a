"""Why a trace shows what it shows: its story, what excludes it, what of it does not matter, which others there are."""
