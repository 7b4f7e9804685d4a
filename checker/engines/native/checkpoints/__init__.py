"""Checkpoints: a search interrupted at the end of a level, and gone on with.

The search is deterministic, given what its tables lacked and when: so no value of the protocol is stored.
What is stored is integers: a *journal* of the entries that were missing, round by round, and of what was
judged, level by level; the keys of all states; what was counted. To go on, the entries are filled in again
in their order, by the rules as they are now, which gives every number that there was; digests tell whether
that is what was there. Then the states get their index again.

Reading order: `files` (arrays in a folder, appended and never overwritten), `records` (the journal's
form), `fingerprints` (what rules and views made, in a few bytes), `journal` (what is written down as it
happens), `tally` (what workers have counted), `kept` (states read back), `keeper` (when a checkpoint is
written, and of what), `resuming` (the way back), `checkpoints` (those of one check, attempt by attempt).
"""
