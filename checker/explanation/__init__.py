"""Why a trace shows what it shows: its story, what would have excluded it, and what of it does not matter."""
