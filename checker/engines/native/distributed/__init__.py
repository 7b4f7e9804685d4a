"""The search on many machines: owners as actors, tables numbered by the one process that asks.

Reading order, each module on those before it: `transport` (what is asked of a way between processes),
`patches` (tables sent as what changed of them), `reports` (what an owner tells), `courier` (an owner's
mailbox), `replicas` (copies of what another owner has), `hands` (what is counted, handed over), `parents`
(the way back), `owner` (it knows its mailbox, its snapshot and its pieces), `sharing` (which owner keeps
which state), `crew` (all owners, as the asking process calls them), `elsewhere` (their states, as one
store that is elsewhere), `search` (level by level), `begun` (here, or with owners elsewhere). `onray` is
the one module that knows of Ray; `clusters` says which cluster is meant, and why one cannot be had.
"""
