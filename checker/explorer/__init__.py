"""`pmmc explore`: a local page to walk through a model state by state, on the reference semantics.

Reading order: `walk` (paths and their states), `outline` (a state with what changed), `looked` (what a
rule looked at before it ignored a message), `watches` (expressions along a path), `colouring` (of the
diagram), `telling` (a moment as JSON); `goals`, `asking` and `search` (the nearest state where …, asked of
an engine); `pages` (what the page may ask for), `server` (who may ask, and for what), static/ (the page).
"""
