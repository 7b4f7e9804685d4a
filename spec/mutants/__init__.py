"""Mutants: the protocol made wrong on purpose in one place, to see that the checker notices.

Each is a function or two that take the place of a rule, and an entry that says where it was seen, in
which configuration it shows, which property it violates and after how many steps. Controls are entries
that look wrong and are safe. A mutant that no check finds is a bug of the properties or of the checker.
"""

from spec.mutants.acceptors import ACCEPTOR_MUTANTS

#: All mutants and controls.
CATALOGUE = (*ACCEPTOR_MUTANTS,)

#: Their rules, as model files choose them.
MUTANTS = tuple({(v.part, v.name): v for mutant in CATALOGUE for v in mutant.variants}.values())
