"""Paxos Made Moderately Complex as pure functions.

Source of all of it, called *the paper*: R. van Renesse and D. Altınbüken, "Paxos Made Moderately
Complex", ACM Computing Surveys 47(3), article 42, 2015.

A rule is a function (context, local state, message) → steps. It reads nothing else, changes
nothing, and gives equal results for equal arguments. This package imports only the standard library.

Reading order: `values`, `messages`, then the roles `acceptor`, `leader`, `replica`, `client`, and what
they share: `ballots`, `quorums`, `kv` (the state machine), and the table of `roles`. What follows is
chosen by model files. Of section 3: `election` by ping, `retransmission`; of section 4.2: `collection` of
garbage at leaders and acceptors, `transfer` of state between replicas, `forgetting` (what a replica needs
no more); of section 4.4: what a `server` knows of a slot, and `colocation` (proposals to one's own
leader). Clients that go about `asking` otherwise, `sessions`, and `replies` to what was performed already;
beside the log `noops`, which nobody asks for, and `reads`, which do not go through it: of acceptors, by
the `readindex` of leaders, or by `leases` of nobody. For a run without end, where nothing grows: leaders
`following` each other, and replicas that give each other `snapshots`.
"""
