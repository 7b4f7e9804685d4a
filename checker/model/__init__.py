"""What a model is and what it means: vocabulary, networks, semantics, properties, behaviours.

Reading order: `vocabulary` (the words for all that follows), `values`, `processes` (where machines host
several), `network` (what an inbox is), `system`, and `semantics` (what a system may do next): this is the
meaning of a model. What it calls is the model's own code; `modelcode` says whose mistake it is when that
goes wrong, `claims` that a claim of a reduction does not hold. `environment` has what happens to nodes
from outside, `shift` numbers that rise for ever, `beginning` the same system from another state on.

What is claimed: `properties` (with the table of their kinds), `judging`, `future` (what can still be
reached), `fairness` and `runs` (what every fair run must come to), `consistency` and `linearizability`
(what clients are answered); `verdict`. What was found: `behaviour` (traces), put into words by `wording`,
`plaintext` and `pictures`.

Nodes that are played outside of this process: `outside`, `played`. What a protocol says of itself beside
its rules: `calls`, `wire`, `logs`, `deployed`.
"""
