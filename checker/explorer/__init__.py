"""`pmmc explore`: a local page to walk through a model state by state, on the reference semantics.

Reading order: walk (paths and their states), outline (a state with what changed), goals and search (the
nearest state where …), pages (all of it as JSON), server (who may ask, and for what), static/ (the page).
"""
