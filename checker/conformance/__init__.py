"""Conformance vectors: all that the nodes of a model are asked, and the answers of its own rules.

An implementation that answers all of them as the rules do has, put into this model, exactly its states:
what a node does next depends on its local state and on what it takes alone, and every pair of these that
comes about in the model is a vector. By induction over the steps of a run each state that the model with
the implementation reaches is one that the model reaches, and the other way round.

Reading order: `suite` (what there is), `rules` (what is answered), `making` (from a model to vectors),
`schema` and `folder` (as files, and back), `comparing` (answers with answers), `processes` and `conforming`
(an implementation asked).
"""
