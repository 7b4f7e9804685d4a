"""Acme's own reading of Paxos Made Moderately Complex."""
