--------------------------- MODULE Reconfiguration ---------------------------
(***************************************************************************)
(* What the twin claims when configurations change: the properties RC-1 to *)
(* RC-5, by the names they have in spec/properties.  The rule itself is in *)
(* PMMC.tla: Configured.                                                   *)
(***************************************************************************)
EXTENDS PMMC

ServingIn(b) == ConfigurationOf[b[2]]

(* The configuration of a slot, by what the acceptors have chosen below    *)
(* it: {} as long as that is not known.                                    *)
RECURSIVE Governing(_)
Governing(s) ==
  IF s <= 1 THEN First
  ELSE LET before == Governing(s - 1)
           chosen == IF s <= Window THEN {}
                     ELSE {p \in Chosen : p.slot = s - Window /\ ServingIn(p.ballot) = Governing(p.slot)}
           earlier == {p.command : p \in {q \in Chosen : q.slot < s - Window}}
           next == {p.command : p \in chosen} \cap (Reconfigurations \ earlier)
       IN IF s <= Window THEN First
          ELSE IF chosen = {} \/ before = {} THEN {}
          ELSE IF next = {} THEN before ELSE ConfigurationOf[CHOOSE c \in next : TRUE]

Proposed == {m \in UnderWay(net) : m.type = "propose"}

Decided == UNION {Learned(r) : r \in Replicas}

(* Each slot is decided by one configuration: what is commanded, and what  *)
(* is chosen, is so by the configuration that governs the slot.            *)
RC1 == \A p \in AllCommanded \cup Chosen : ServingIn(p.ballot) = Governing(p.slot)

(* What is proposed for a slot goes to the leaders that govern it.         *)
RC2 == \A m \in Proposed : ConfigurationOf[m.leader] = Governing(m.slot)

(* Who decides a slot is a majority of one configuration: each pvalue is   *)
(* accepted only where its leader is, and what is decided is chosen.       *)
RC3 ==
  /\ \A a \in Acceptors : \A p \in Votes(a) : ServingIn(p.ballot) = ConfigurationOf[a]
  /\ \A d \in Decided : \E p \in Chosen : p.slot = d.slot /\ p.command = d.command

(* A reconfiguration in slot s governs from s + Window on, no sooner and   *)
(* no later: a replica that has come to slotIn has the configuration of    *)
(* the slot before.                                                        *)
RC4 == \A r \in Replicas : replica[r].configuration = Governing(replica[r].slotIn - 1)

(* Replicas that have come as far have the same configuration.             *)
RC5 == \A r, t \in Replicas :
         replica[r].slotIn = replica[t].slotIn => replica[r].configuration = replica[t].configuration
=============================================================================
