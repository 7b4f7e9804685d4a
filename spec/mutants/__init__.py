"""Mutants: the protocol made wrong on purpose in one place, to see that the checker notices.

Each is a function or two that take the place of a rule, and an entry that says where it was seen, in
which configuration it shows, which property it violates and after how many steps. Controls are entries
that look wrong and are safe. A mutant that no check finds is a bug of the properties or of the checker.
"""

from spec.mutants.acceptors import ACCEPTOR_MUTANTS
from spec.mutants.clients import CLIENT_CONTROLS, CLIENT_MUTANTS, WAYS
from spec.mutants.collection import COLLECTION_CONTROLS, COLLECTION_MUTANTS
from spec.mutants.commanders import COMMANDER_MUTANTS
from spec.mutants.controls import CONTROLS
from spec.mutants.elections import ELECTION_MUTANTS
from spec.mutants.leaders import LEADER_MUTANTS
from spec.mutants.leases import LEASE_CONTROLS, LEASE_MUTANTS
from spec.mutants.losses import LOSS_MUTANTS
from spec.mutants.persistence import PERSISTENCE_MUTANTS
from spec.mutants.questions_acceptors import ACCEPTOR_QUESTIONS
from spec.mutants.questions_leaders import LEADER_QUESTIONS
from spec.mutants.reads import READ_CONTROLS, READ_MUTANTS
from spec.mutants.reconfigurations import RECONFIGURATION_CONTROLS, RECONFIGURATION_MUTANTS
from spec.mutants.replicas import REPLICA_MUTANTS
from spec.mutants.scouts import SCOUT_MUTANTS
from spec.mutants.servers import SERVER_CONTROLS, SERVER_MUTANTS
from spec.mutants.takeovers import TAKEOVER_MUTANTS

#: All mutants and controls.
CATALOGUE = (
    *ACCEPTOR_MUTANTS,
    *PERSISTENCE_MUTANTS,
    *SCOUT_MUTANTS,
    *COMMANDER_MUTANTS,
    *LEADER_MUTANTS,
    *REPLICA_MUTANTS,
    *CLIENT_MUTANTS,
    *RECONFIGURATION_MUTANTS,
    *SERVER_MUTANTS,
    *ELECTION_MUTANTS,
    *LOSS_MUTANTS,
    *COLLECTION_MUTANTS,
    *READ_MUTANTS,
    *TAKEOVER_MUTANTS,
    *LEASE_MUTANTS,
    *ACCEPTOR_QUESTIONS,
    *LEADER_QUESTIONS,
    *CONTROLS,
    *CLIENT_CONTROLS,
    *RECONFIGURATION_CONTROLS,
    *SERVER_CONTROLS,
    *COLLECTION_CONTROLS,
    *READ_CONTROLS,
    *LEASE_CONTROLS,
)

_RULES = (*WAYS, *(variant for mutant in CATALOGUE for variant in mutant.variants))
#: Their rules, as model files choose them.
MUTANTS = tuple({(v.part, v.name): v for v in _RULES}.values())
