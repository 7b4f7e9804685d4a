"""Random walks on the tables of the native engine, step by step on integers.

Reading order: in the room `kernel` `choosing` (which move a scheduler takes) and `walking` (a run, step by
step); here `tables` (rows in the order of the reference semantics, with what a scheduler must know of
moves), `states` (how many different states were seen), `walker` (what one thread walks with), `parts`
(walks side by side, missing entries filled between rounds), `firsts` (which run was the first to show
something: runs walked once more, alone) and `simulating` (block after block, judged, counted and told).
What such runs are worth is no matter of this engine: `checker.engines.simulating` says what is asked and
answered, and the room `checker.simulation` replays, shortens and judges.
"""
