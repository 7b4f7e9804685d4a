"""The native engine: every local step once in Python, the product explored on integers.

Reading order, each module on those before it. The meaning: `numbering` (local situations as numbers) and
`steps` (what the rules make of them), which know nothing of reductions; `viewing`, `findings`, `levels`
and `facts` (what properties, a shift and bounds see of them). What is left out, and the proof that
nothing is lost: in `reductions` first `none` (what a reduction may change), then `action`, `settling`,
`symmetry`, `fusion`, for levels that rise for ever `lowering`, `effects`, `ageing` and `shifting`, then
`ordering` (steps that commute, once), and `claims` (what was refused); `delivery` (messages that
arrive). What the kernel reads: `rows` (the moves out of a cell), `posts` (what messages make of a cell),
`tables` (all of it put together), `snapshot` (what a worker is told of it), `lacking` (what kernels have
noted as missing).

Then the speed: in `kernel` `layout`, `normal`, `keys`, `vectors` and `remainders` (hash tables), `kernel`,
`passing`, `ordered`, `commuting` and `sleeping` (each interleaving once), `backwards` (the inner loops),
`choosing` and `walking` (random walks), `machine` and `keeping` (their object code); in `states` `words`,
`packing`, `owners` (states as integers), `pages`, `disk`, `log`, `index`, `halves`, `sleeping` and `store`
(states kept), `pairing` (what changes its form is compared with itself); in `search` `combinations`,
`mailbox`, `worker`, `sampling`, `threads`, `order`, `limits` and `search` (level by level), `marks` (all
states looked at again), `ahead` (and back, for `can-still`); in `runs` `classes`, `waiting`,
`components`, `ways` and `judge` (does every fair run come to it). Last, what a finding needs: in `paths`
`expansion` and `paths` (back to the initial state), `unfold` (real messages); `sightings` (from what was
seen to what is told); `ended` and `judging` (what a level shows); `nocheckpoints`, `opened` and the room
`checkpoints` (interrupted, and gone on with); `account` (what it came to); `attempts` (under the
reductions that are sound); and `engine`, which asks for all of it. `reach` asks instead from which states
what violates a claim can still be reached, `shortest` which states are on shortest ways to it, and
`situations` which local situations come about. `arrays`, `counts` and `tuning` are small things that many
use. `distributed` has the states with processes on many machines, `walks` random walks on such tables.

*Each interleaving once* (docs/adr/0018) goes through several rooms: what commutes is worked out in
`reductions.ordering`, from the tables, as maps that `kernel.commuting` makes; `search.order` says when the
search begins to go by them; then `kernel.ordered` is the loop in the place of `kernel.kernel`, with
`kernel.passing` (what sleeps in a successor) and `kernel.sleeping` (what all who found it agree on), and
`states.sleeping` keeps what sleeps in the states of a level.
"""
