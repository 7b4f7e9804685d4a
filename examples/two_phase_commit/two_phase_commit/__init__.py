"""Two-phase commit, after Gray and Lamport, Consensus on Transaction Commit (2006), section 2."""
