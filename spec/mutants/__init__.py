"""Mutants: rules that are wrong on purpose, to see that the checker notices.

They have the form of variants and are chosen in the same way. A mutant that no check finds is a bug
of the properties or of the checker.
"""

from spec.mutants.acceptors import ACCEPTOR_MUTANTS

#: All mutants.
MUTANTS = (*ACCEPTOR_MUTANTS,)
