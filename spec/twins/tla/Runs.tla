-------------------------------- MODULE Runs --------------------------------
(***************************************************************************)
(* What every fair run of the twin comes to: the temporal properties of    *)
(* model files, under what these assume of runs (`fair`, `strongly_fair`,  *)
(* `finitely`).  Constants say which, in the words of the model file.      *)
(***************************************************************************)
EXTENDS PMMC

CONSTANTS
  Fair,         \* the actions whose steps are weakly fair
  StronglyFair, \* the actions whose steps are strongly fair
  Finitely,     \* the actions whose steps are taken finitely often
  Goal,         \* to what runs must come
  Cause         \* after what, for LeadsTo

(* Who takes steps of an action, from whom.                                *)
Ways(t) ==
  CASE t \in {"p1a", "p2a"} -> Leaders \X Acceptors
    [] t \in {"p1b", "p2b"} -> Acceptors \X Leaders
    [] t = "propose" -> Replicas \X Leaders
    [] t = "request" -> Commands \X Replicas
    [] t = "decision" -> Leaders \X Replicas
    [] t = "losses" -> {"anybody"} \X (Acceptors \cup Leaders \cup Replicas)

(* Each node and action is a class of steps of its own, in queues by whom  *)
(* the message is from; elsewhere that is not known, and anybody stands    *)
(* for the sender.                                                         *)
Classes(actions) ==
  UNION {{<<IF Network = "fifo" THEN p[1] ELSE "anybody", p[2], t>> : p \in Ways(t)} : t \in actions}

Steps(c) ==
  /\ ~TooFarApart
  /\ IF Network = "fifo"
     THEN LET p == <<c[1], c[2]>> IN net[p] # <<>> /\ Head(net[p]).type = c[3] /\ TakeFirst(p)
     ELSE \E m \in {n \in net : Receiver(n) = c[2]} :
            IF c[3] = "losses" THEN Lose(m) ELSE m.type = c[3] /\ Take(m)

Runs ==
  /\ Spec
  /\ \A c \in Classes(Fair) : WF_vars(Steps(c))
  /\ \A c \in Classes(StronglyFair) : SF_vars(Steps(c))
  /\ \A c \in Classes(Finitely) : <>[][~Steps(c)]_vars

-----------------------------------------------------------------------------
(* The goals, by the names they have in spec/properties.                   *)

Shows(goal) ==
  CASE goal = "all-performed" ->
         \A r \in Replicas : {Performed(r)[i] : i \in DOMAIN Performed(r)} = Commands
    [] goal = "slot-decided" -> \E r \in Replicas : replica[r].decisions # {}
    [] goal = "two-leaders-active" -> \E k, l \in Leaders : k # l /\ leader[k].active /\ leader[l].active
    [] goal = "hole-in-log" ->
         \E r \in Replicas : \E p \in replica[r].decisions :
           ~(1 .. p.slot \subseteq SlotsOf(replica[r].decisions))

(* A bound stops a node here.  Behind it the protocol goes on, and the     *)
(* model does not say how: no run with such a state is a counterexample.   *)
Cut ==
  \/ \E l \in Leaders : ~leader[l].active /\ leader[l].scout = {}
  \/ \E r \in Replicas :
       /\ replica[r].requests # <<>>
       /\ replica[r].slotIn < replica[r].slotOut + Window
       /\ replica[r].slotIn > Slots
  \/ TooFarApart

Eventually == <>(Shows(Goal) \/ Cut)

AlwaysEventually == []<>(Shows(Goal) \/ Cut)

LeadsTo == Shows(Cause) ~> (Shows(Goal) \/ Cut)
=============================================================================
