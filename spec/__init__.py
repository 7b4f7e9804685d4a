"""What is checked: PMMC put together into systems, its properties, variants, mutants and models.

Reading order: `schema` and `system` (from a model file to a system; the files are in models/), with
`roles` (rules, and where a bound stops a node), `setting`, `notation` (local states in files), `inboxes`
and `patterns`. What a file says of `configurations`, `quorums`, `machines`, `faults`, `crashes`,
`shutdowns`, `clocks`, `rounds`, and of nodes that are `played` by processes, is read in modules of these
names. `variants` replace rules, `apart` says which do not go together, `mutants` are wrong on purpose;
`separate` has scouts and commanders as nodes.

What is claimed: `views`, `properties`, and what these read beside views: what replicas have learned
(`checkpoints`), what servers know of slots (`journals`), the history of reads (`reads`, `readings`) and
the `calls` of clients, by which linearizability is judged. `claims` are what reductions may rely on.

What else the checker wants of a protocol: `colours`, `pictures` and `travels` for drawings, `wire` for
JSON, `logs` of running systems, PMMC as it is `deployed`, with the `audit` of a run, `costs`; and
`protocol`, which offers all of it under the entry point. `replicated_log` is another protocol: servers of
others, of which only what they show is known.
"""
