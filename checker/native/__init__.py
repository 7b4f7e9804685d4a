"""The native engine: every local step once in Python, the product explored on integers.

Reading order: `tables` (local situations as numbers), `reductions` and `settling` (what is left
out, and the proof that nothing is lost), `kernel` (the inner loops), `store` (the states),
`search` (level by level), `unfold` (from a path of reduced states back to real messages).
"""
