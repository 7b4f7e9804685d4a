-------------------------------- MODULE Expert -------------------------------
(***************************************************************************)
(* The question of the twin as an experienced user of TLA+ would ask it:   *)
(* can two different commands be chosen for one slot?                      *)
(*                                                                         *)
(* What makes it cheap, at the price of being another program than the one *)
(* that is deployed:                                                       *)
(*  - the set of messages only grows, and holds only what somebody reads;  *)
(*  - a leader is not a process: whoever has a quorum of answers in a      *)
(*    ballot may propose in it, in one step, and nothing is remembered of  *)
(*    who has answered so far;                                             *)
(*  - any ballot may begin at any time, and any command be proposed, so    *)
(*    there are no replicas, no preemption, no requests;                   *)
(*  - what is chosen is read off the acceptors' votes;                     *)
(*  - acceptors and commands are symmetry sets.                            *)
(***************************************************************************)
EXTENDS Integers, FiniteSets, TLC

CONSTANTS Acceptors, NumLeaders, Commands, Slots, Rounds

VARIABLES
  promised,     \* acceptor -> ballot
  votes,        \* acceptor -> set of pvalues
  promises,     \* the answers of phase 1 so far
  proposals     \* the pvalues proposed so far

vars == <<promised, votes, promises, proposals>>

Ballots == (0 .. Rounds - 1) \X (0 .. NumLeaders - 1)

Bottom == <<-1, -1>>

Lower(b, c) == b[1] < c[1] \/ (b[1] = c[1] /\ b[2] < c[2])

Quorums == {Q \in SUBSET Acceptors : 2 * Cardinality(Q) > Cardinality(Acceptors)}

Symmetry == Permutations(Acceptors) \cup Permutations(Commands)

Init ==
  /\ promised = [a \in Acceptors |-> Bottom]
  /\ votes = [a \in Acceptors |-> {}]
  /\ promises = {}
  /\ proposals = {}

Promise(a, b) ==
  /\ Lower(promised[a], b)
  /\ promised' = [promised EXCEPT ![a] = b]
  /\ promises' = promises \cup {[acceptor |-> a, ballot |-> b, accepted |-> votes[a]]}
  /\ UNCHANGED <<votes, proposals>>

Reports(b, Q) == UNION {m.accepted : m \in {n \in promises : n.ballot = b /\ n.acceptor \in Q}}

ProposeIn(b, s) ==
  /\ ~ \E p \in proposals : p.ballot = b /\ p.slot = s
  /\ \E Q \in Quorums, c \in Commands :
       /\ \A a \in Q : \E m \in promises : m.ballot = b /\ m.acceptor = a
       /\ LET known == {p \in Reports(b, Q) : p.slot = s}
          IN known = {} \/ \E p \in known : p.command = c /\ \A q \in known : ~Lower(p.ballot, q.ballot)
       /\ proposals' = proposals \cup {[ballot |-> b, slot |-> s, command |-> c]}
  /\ UNCHANGED <<promised, votes, promises>>

Accept(a, p) ==
  /\ p.ballot = promised[a]
  /\ p \notin votes[a]
  /\ votes' = [votes EXCEPT ![a] = @ \cup {p}]
  /\ UNCHANGED <<promised, promises, proposals>>

Next ==
  \/ \E a \in Acceptors, b \in Ballots : Promise(a, b)
  \/ \E b \in Ballots, s \in 1 .. Slots : ProposeIn(b, s)
  \/ \E a \in Acceptors, p \in proposals : Accept(a, p)

Spec == Init /\ [][Next]_vars

-----------------------------------------------------------------------------
Accepted == UNION {votes[a] : a \in Acceptors}

Chosen == {p \in Accepted : {a \in Acceptors : p \in votes[a]} \in Quorums}

(* R1: no two commands are chosen for one slot.                            *)
Agreement == \A p, q \in Chosen : p.slot = q.slot => p.command = q.command

(* Pvalues accepted for the same ballot and slot hold the same command.    *)
A4 == \A p, q \in Accepted : p.ballot = q.ballot /\ p.slot = q.slot => p.command = q.command

(* Pvalues accepted above a chosen one hold its command.                   *)
A5 == \A p \in Chosen : \A q \in Accepted :
        p.slot = q.slot /\ Lower(p.ballot, q.ballot) => p.command = q.command
=============================================================================
