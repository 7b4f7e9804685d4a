"""The native engine: every local step once in Python, the product explored on integers.

Reading order, the meaning first: `tables` (local situations as numbers), `rows` (the moves out of a
cell), `posts` (what messages make of a cell), `viewing` (what properties see); `reductions` with
`fusion`, `settling`, `symmetry` and `groups` (what is left out, and the proof that nothing is lost).
Then the speed: `layout` and `kernel` (the inner loops), `machine` and `keeping` (their object code),
`packing`, `owners` and `store` (the states), `worker` and `search` (level by level, on threads). Last,
what a finding needs: `expansion` and `paths` (back to the initial state), `unfold` (real messages).
`pairing` compares what changes its form with itself.
"""
