------------------------------ MODULE Collection ------------------------------
(***************************************************************************)
(* The twin with garbage collection: what pmmc/collection.py, transfer.py  *)
(* and forgetting.py replace of the protocol, and the properties GC-1 to   *)
(* GC-5 and GC-8.  All that is not here is as in PMMC.tla.                 *)
(*                                                                         *)
(* Beside what they have there                                             *)
(*  - an acceptor has `watermark`, `reports`, `votes`;                     *)
(*  - a leader has `watermark`, `reports`;                                 *)
(*  - a replica has `performed`, `reported`, `learned`, `checkpoint`.      *)
(* Of these `votes`, `learned` and `checkpoint` are history: no rule reads *)
(* them.  A store is a function of what was performed, so it is left out.  *)
(*                                                                         *)
(* Rounds have an end here: `votes` are not lowered.                       *)
(***************************************************************************)
EXTENDS Reconfiguration

CONSTANT
  Policy        \* what leaders and acceptors forget: what "f-plus-one" or "all" replicas have performed;
                \* or "none": only replicas forget

ASSUME Rounds # 0

-----------------------------------------------------------------------------
(* Messages; `to` is the receiver.                                         *)

Keepers == Leaders \cup Acceptors

Report(r, n) == {[type |-> "report", to |-> x, replica |-> r, slotOut |-> n] : x \in Keepers}

Collected(w) == {[type |-> "collected", to |-> r, watermark |-> w] : r \in Replicas}

Fetch(r, n) == {[type |-> "fetch", to |-> t, replica |-> r, slotOut |-> n] : t \in Replicas \ {r}}

Transfer(r, state) ==
  {[type |-> "transfer", to |-> r, slotOut |-> state.slotOut, performed |-> state.performed,
    reconfigurations |->
      {p \in state.decisions : p.slot < state.slotOut /\ p.command \in Reconfigurations}]}

-----------------------------------------------------------------------------
(* Reports and watermarks, at acceptors and leaders (paper, section 4.2).  *)

(* What a replica has performed, as far as an acceptor or leader knows.    *)
Reported(keeper, r) ==
  LET known == {p.slotOut : p \in {q \in keeper.reports : q.replica = r}}
  IN IF known = {} THEN keeper.watermark ELSE CHOOSE n \in known : TRUE

(* The f of the paper, of the configuration of x.                          *)
Tolerated(x) == (Cardinality(AcceptorsOf[ConfigurationOf[x]]) - 1) \div 2

Needed(x) ==
  LET least == Tolerated(x) + 1
      everybody == Cardinality(Replicas)
  IN IF Policy = "all" /\ everybody > least THEN everybody ELSE least

(* All slots below have been performed by as many replicas as are needed.  *)
Watermark(x, keeper) ==
  LET slots == {Reported(keeper, r) : r \in Replicas}
      enough == {w \in slots : Cardinality({r \in Replicas : Reported(keeper, r) >= w}) >= Needed(x)}
  IN IF enough = {} THEN 1 ELSE CHOOSE w \in enough : \A v \in enough : v <= w

From(pvalues, w) == {p \in pvalues : p.slot >= w}

Above(reports, w) == {p \in reports : p.slotOut > w}

CollectPvalues(state, w) ==
  IF w <= state.watermark THEN state
  ELSE [state EXCEPT !.watermark = w, !.reports = Above(@, w), !.accepted = From(@, w)]

CollectProposals(state, w) ==
  IF w <= state.watermark THEN state
  ELSE [state EXCEPT
          !.watermark = w,
          !.reports = Above(@, w),
          !.proposals = From(@, w),
          !.scout = {[s EXCEPT !.pvalues = From(@, w)] : s \in @},
          !.commanders = {c \in @ : c.pvalue.slot >= w}]

OnReport(m) ==
  LET x == m.to
      old == IF x \in Acceptors THEN acceptor[x] ELSE leader[x]
      others == {p \in old.reports : p.replica # m.replica}
      noted == [old EXCEPT !.reports = others \cup {[replica |-> m.replica, slotOut |-> m.slotOut]}]
      w == Watermark(x, noted)
  IN /\ m.slotOut > Reported(old, m.replica)
     /\ IF x \in Acceptors
        THEN Become([acceptor EXCEPT ![x] = CollectPvalues(noted, w)], leader, replica, Exchange(m, {}))
        ELSE Become(acceptor, [leader EXCEPT ![x] = CollectProposals(noted, w)], replica, Exchange(m, {}))

-----------------------------------------------------------------------------
(* Acceptors: the watermark goes with each promise.                        *)

CollectingP1a(m) ==
  LET a == m.acceptor
      state == [acceptor[a] EXCEPT !.ballot = Highest(@, m.ballot)]
      answer == [type |-> "p1b", leader |-> m.leader, acceptor |-> a, ballot |-> m.ballot,
                 current |-> state.ballot, accepted |-> state.accepted, watermark |-> state.watermark]
  IN Become([acceptor EXCEPT ![a] = state], leader, replica, Exchange(m, {answer}))

CollectingP2a(m) ==
  LET a == m.acceptor
      old == acceptor[a]
      voted == IF m.pvalue.ballot = old.ballot THEN [old EXCEPT !.votes = @ \cup {m.pvalue}] ELSE old
      state == IF m.pvalue.ballot = old.ballot /\ m.pvalue.slot >= old.watermark
               THEN [voted EXCEPT !.accepted = @ \cup {m.pvalue}] ELSE voted
  IN Become([acceptor EXCEPT ![a] = state], leader, replica, Exchange(m, {P2b(a, m, state)}))

-----------------------------------------------------------------------------
(* Leaders: they take the higher watermark for their own, and refuse what  *)
(* is below it.                                                            *)

CollectingP1b(m) ==
  LET known == CollectProposals(leader[m.leader], m.watermark)
  IN Hear(m, known, From(m.accepted, known.watermark))

CollectingPropose(m) ==
  LET old == leader[m.leader]
  IN IF m.slot < old.watermark THEN Lead(m, <<old, Collected(old.watermark)>>) ELSE OnPropose(m)

-----------------------------------------------------------------------------
(* Replicas: they forget what they have performed, report, and give their  *)
(* state to those that lag behind.                                         *)

Occurs(c, sequence) == \E i \in DOMAIN sequence : sequence[i] = c

RECURSIVE PerformAndForget(_)
PerformAndForget(state) ==
  LET decided == InSlot(state.decisions, state.slotOut)
      ours == InSlot(state.proposals, state.slotOut)
  IN IF decided = {} THEN state
     ELSE LET c == (CHOOSE p \in decided : TRUE).command
              lost == CommandsOf(ours) \ {c}
          IN PerformAndForget([state EXCEPT
               !.slotOut = @ + 1,
               !.performed = IF c \in Reconfigurations \/ Occurs(c, @) THEN @ ELSE Append(@, c),
               !.proposals = @ \ ours,
               !.requests = IF lost = {} THEN @ ELSE Append(@, CHOOSE d \in lost : TRUE)])

RECURSIVE CatchUp(_)
CatchUp(state) ==
  IF state.slotIn >= state.slotOut THEN state
  ELSE CatchUp([state EXCEPT !.slotIn = @ + 1, !.configuration = Configured(state)])

GoOn(m, r, state) ==
  LET step == ProposeAll(PerformAndForget(state), {})
      ahead == CatchUp(step[1])
      next == [ahead EXCEPT
                 !.decisions = {p \in @ : p.slot >= ahead.slotOut \/ p.command \in Reconfigurations}]
  IN Become(acceptor, leader, [replica EXCEPT ![r] = next], Exchange(m, step[2]))

ForgetfulRequest(m) == ~Occurs(m.command, replica[m.replica].performed) /\ OnRequest(m)

(* What comes late is noted in the history, and changes nothing else.      *)
ForgetfulDecision(m) ==
  LET r == m.replica
      decision == [slot |-> m.slot, command |-> m.command]
      old == replica[r]
      noted == [old EXCEPT !.learned = @ \cup {decision}]
  IN IF m.slot < old.slotOut \/ decision \in old.decisions
     THEN /\ decision \notin old.learned
          /\ Become(acceptor, leader, [replica EXCEPT ![r] = noted], Exchange(m, {}))
     ELSE GoOn(m, r, [noted EXCEPT !.decisions = @ \cup {decision}])

Reporting(r) ==
  LET n == replica[r].slotOut IN
  /\ Policy # "none"
  /\ n > replica[r].reported
  /\ Become(acceptor, leader, [replica EXCEPT ![r].reported = n], Send(net, r, Report(r, n)))

OnCollected(m) ==
  /\ m.watermark > replica[m.to].slotOut
  /\ Become(acceptor, leader, replica, Exchange(m, Fetch(m.to, m.watermark)))

OnFetch(m) ==
  /\ replica[m.to].slotOut >= m.slotOut
  /\ Become(acceptor, leader, replica, Exchange(m, Transfer(m.replica, replica[m.to])))

(* The commands proposed for slots from s on and below n, in this order,   *)
(* but for those of which it is known that they are decided.               *)
RECURSIVE Reclaimed(_, _, _, _)
Reclaimed(proposals, s, n, known) ==
  IF s >= n THEN <<>>
  ELSE LET c == CommandsOf(InSlot(proposals, s)) \ known
       IN (IF c = {} THEN <<>> ELSE <<CHOOSE d \in c : TRUE>>) \o Reclaimed(proposals, s + 1, n, known)

OnTransfer(m) ==
  LET r == m.to
      n == m.slotOut
      old == replica[r]
      known == {m.performed[i] : i \in DOMAIN m.performed} \cup CommandsOf(m.reconfigurations)
      installed == [old EXCEPT
        !.performed = m.performed,
        !.slotOut = n,
        !.decisions = @ \cup m.reconfigurations,
        !.proposals = From(@, n),
        !.requests = @ \o Reclaimed(old.proposals, 1, n, known),
        !.learned = @ \cup m.reconfigurations,
        !.checkpoint = [slot |-> n, performed |-> m.performed]]
  IN n > old.slotOut /\ GoOn(m, r, CatchUp(installed))

-----------------------------------------------------------------------------
CollectingInit ==
  /\ acceptor = [a \in Acceptors |->
       [ballot |-> Bottom, accepted |-> {}, watermark |-> 1, reports |-> {}, votes |-> {}]]
  /\ leader = [l \in Leaders |->
       [ballot |-> <<0, l>>, active |-> FALSE, proposals |-> {},
        scout |-> Scout({}, {}), commanders |-> {}, watermark |-> 1, reports |-> {}]]
  /\ replica = [r \in Replicas |->
       [slotIn |-> 1, slotOut |-> 1, requests |-> <<>>, proposals |-> {}, decisions |-> {},
        configuration |-> First, performed |-> <<>>, reported |-> 1, learned |-> {},
        checkpoint |-> [slot |-> 1, performed |-> <<>>]]]
  /\ net = FirstMessages

CollectingTake(m) ==
  \/ m.type = "p1a" /\ CollectingP1a(m)
  \/ m.type = "p2a" /\ CollectingP2a(m)
  \/ m.type = "propose" /\ CollectingPropose(m)
  \/ m.type = "p1b" /\ CollectingP1b(m)
  \/ m.type = "p2b" /\ OnP2b(m)
  \/ m.type = "request" /\ ForgetfulRequest(m)
  \/ m.type = "decision" /\ ForgetfulDecision(m)
  \/ m.type = "report" /\ OnReport(m)
  \/ m.type = "collected" /\ OnCollected(m)
  \/ m.type = "fetch" /\ OnFetch(m)
  \/ m.type = "transfer" /\ OnTransfer(m)

CollectingTakeFirst(p) ==
  LET m == Head(net[p]) @@ ("from" :> p[1])
  IN \/ CollectingTake(m)
     \/ ~ENABLED CollectingTake(m) /\ Become(acceptor, leader, replica, Exchange(m, {}))

CollectingNext ==
  \/ \E r \in Replicas : Reporting(r)
  \/ IF Network = "fifo" THEN \E p \in {q \in Pairs : net[q] # <<>>} : CollectingTakeFirst(p)
     ELSE \E m \in net : CollectingTake(m) \/ Lose(m)

CollectingSpec == CollectingInit /\ [][CollectingNext]_vars

-----------------------------------------------------------------------------
(* What the properties of PMMC.tla and Reconfiguration.tla read is history *)
(* here: configurations of TLC say Votes <- CollectedVotes and so on.  A3  *)
(* is given up.                                                            *)

CollectedVotes(a) == acceptor[a].votes

ForgottenLearned(r) == replica[r].learned

ForgottenPerformed(r) == replica[r].performed

(* R2: every slot below slotOut has a decision, or was transferred.        *)
R2Transferred == \A r \in Replicas :
  replica[r].checkpoint.slot .. replica[r].slotOut - 1 \subseteq SlotsOf(Learned(r))

Watermarks ==
  {<<a, acceptor[a].watermark>> : a \in Acceptors} \cup {<<l, leader[l].watermark>> : l \in Leaders}

(* What is collected, as many replicas have performed as are needed.       *)
GC1 == \A w \in Watermarks :
         w[2] > 1 => Cardinality({r \in Replicas : replica[r].slotOut >= w[2]}) >= Needed(w[1])

(* Watermarks never decrease.                                              *)
GC2 == [][/\ \A a \in Acceptors : acceptor'[a].watermark >= acceptor[a].watermark
          /\ \A l \in Leaders : leader'[l].watermark >= leader[l].watermark]_vars

(* What a promise leaves out of what its acceptor has accepted is below    *)
(* the watermark that it tells.                                            *)
GC3 == \A m \in {n \in UnderWay(net) : n.type = "p1b"} : \A p \in Votes(m.acceptor) :
         p.slot >= m.watermark /\ Lower(p.ballot, m.current) => p \in m.accepted

(* A leader holds no proposal and commands nothing below its watermark.    *)
GC4 == \A l \in Leaders : \A s \in SlotsOf(leader[l].proposals) \cup SlotsOf(Commanded(l)) :
         s >= leader[l].watermark

(* An undecided slot is never collected.                                   *)
GC5 == \A w \in Watermarks : 1 .. w[2] - 1 \subseteq SlotsOf(Chosen)

(* A replica keeps the decision of a reconfiguration until slotIn is more  *)
(* than Window above its slot                                              *)
GC8 == \A r \in Replicas : \A p \in Learned(r) \ replica[r].decisions :
         p.command \in Reconfigurations => replica[r].slotIn > p.slot + Window

(* and of what is performed nothing else.                                  *)
Forgotten == \A r \in Replicas : \A p \in replica[r].decisions :
               p.slot >= replica[r].slotOut \/ p.command \in Reconfigurations
=============================================================================
