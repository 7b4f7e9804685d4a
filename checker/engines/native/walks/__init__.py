"""Random walks on the tables of the native engine: `tables` (rows in the order of the reference
semantics, with what a scheduler must know of moves), `states` (how many different states were seen),
`walker` (what one thread walks with), `parts` (walks side by side, missing entries filled between
rounds), `tracing` (one walk again, step by step), `ends` (what is judged where nothing leads on) and
`simulating` (block after block).
"""
