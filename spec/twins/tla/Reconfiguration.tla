--------------------------- MODULE Reconfiguration ---------------------------
(***************************************************************************)
(* What the twin claims when configurations change: the properties RC-1 to *)
(* RC-6, by the names they have in spec/properties.  The rule itself is in *)
(* PMMC.tla: Configured.                                                   *)
(***************************************************************************)
EXTENDS PMMC

ServingIn(b) == ConfigurationOf[b[2]]

(* The configuration of a slot, by what the acceptors have chosen below    *)
(* it; Nobody as long as that is not known.                                *)
Nobody == -1

RECURSIVE Governing(_)
Governing(s) ==
  IF s <= Window THEN First
  ELSE LET last == s - Window
           chosen == {p \in Chosen : p.slot = last /\ ServingIn(p.ballot) = Governing(last)}
           new == CommandsOf(chosen) \ CommandsOf({p \in Chosen : p.slot < last})
           change == new \cap Reconfigurations
       IN IF chosen = {} THEN Nobody
          ELSE IF change = {} THEN Governing(s - 1) ELSE ConfigurationOf[CHOOSE c \in change : TRUE]

Proposed == {m \in UnderWay(net) : m.type = "propose"}

Decided == UNION {Learned(r) : r \in Replicas}

(* Each slot is decided by one configuration: what is commanded and what   *)
(* is accepted for it is so in the configuration that governs it.          *)
RC1 == \A p \in AllCommanded \cup Accepted : ServingIn(p.ballot) = Governing(p.slot)

(* What is proposed for a slot goes to the leaders that govern it, and no  *)
(* others hold it.                                                         *)
RC2 ==
  /\ \A m \in Proposed : ConfigurationOf[m.leader] = Governing(m.slot)
  /\ \A l \in Leaders : \A p \in leader[l].proposals : ConfigurationOf[l] = Governing(p.slot)

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

(* Ballots of different configurations are never compared.                 *)
RC6 == \A a \in Acceptors :
         acceptor[a].ballot # Bottom => ServingIn(acceptor[a].ballot) = ConfigurationOf[a]
=============================================================================
