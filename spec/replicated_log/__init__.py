"""Any replicated log: servers whose messages are their own, played by processes, held to what they show."""
