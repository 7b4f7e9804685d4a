"""Who checks the checker: faults planted in it, which the project's own means must notice.

    python -m tests.planted

Reading order: `planting` (how a fault is planted); the catalogue: `states` (how states are kept and
gone through), `kept` (remainders, disk, checkpoints), `elsewhere` (owners on other machines), `answers`
(of implementations, and logs), `reductions`, `ordering`, `shifts`, `runs`, `meaning` (tables, views,
judging, and what is told); `systems` (what is checked with a fault planted), `detectors` (what notices
it); `trial` (one fault against all detectors).
"""
