-------------------------------- MODULE PMMC --------------------------------
(***************************************************************************)
(* The TLA+ twin of the Python model: the same states, the same steps.     *)
(*                                                                         *)
(* Paxos Made Moderately Complex (van Renesse and Altinbuken, 2015) as the *)
(* folder pmmc/ defines it, without clients and crashes, and of variants   *)
(* with garbage collection only: that is in Collection.tla.  Read it       *)
(* beside pmmc/acceptor.py, leader.py and replica.py: the operators bear   *)
(* the names of the functions there.  The command                          *)
(*     python -m bench.twin --tlc COMMAND                                  *)
(* writes configurations, runs TLC and compares counts and depths.         *)
(*                                                                         *)
(* What both fix:                                                          *)
(*  - one message for each step; a message that its receiver ignores is no *)
(*    step, and stays where it is, unless it stands in a queue;            *)
(*  - scouts and commanders are parts of their leader; p1b names the       *)
(*    ballot, p2b the ballot and slot that it answers;                     *)
(*  - a leader whose next round would be Rounds retires: passive, without  *)
(*    a scout, its ballot kept; if Rounds is 0 no leader ever does, and of *)
(*    the rounds in a state only the differences are kept (see Become);    *)
(*  - every command is requested from every replica from the start; a      *)
(*    replica proposes its requests in the order of their arrival;         *)
(*  - all configurations run from the start.                               *)
(*                                                                         *)
(* The Python replica also holds the key-value store and the list of what  *)
(* it has performed.  Both are functions of slotOut and the decisions (see *)
(* Performed), so they make no state of their own.                         *)
(***************************************************************************)
EXTENDS Integers, Sequences, FiniteSets, TLC

CONSTANTS
  Acceptors,    \* a set of model values
  NumLeaders,   \* leaders are 0 .. NumLeaders-1; their order breaks ties between ballots
  Replicas,     \* a set of model values
  Commands,     \* a set of model values
  Reconfigurations, \* a set of model values: the commands that change the configuration
  Configurations,   \* a partition of leaders, acceptors and Reconfigurations
  Slots,        \* the length of the log
  Rounds,       \* how many ballots each leader has; 0: without end
  Spread,       \* without end: how far apart the rounds in one state may be
  Window,       \* the WINDOW of the paper
  Network       \* "lossy-duplicating": messages stay; "at-most-once"; "lossy": so, and to lose one is a
                \* step; or "fifo": queues, without loss

VARIABLES
  acceptor,     \* acceptor -> [ballot, accepted]
  leader,       \* leader -> [ballot, active, proposals, scout, commanders]
  replica,      \* replica -> [slotIn, slotOut, requests, proposals, decisions, configuration]
  net           \* the set of messages that may still be taken; or <<from, to>> -> queue

vars == <<acceptor, leader, replica, net>>

Leaders == 0 .. NumLeaders - 1

-----------------------------------------------------------------------------
(* A configuration is the set of its leaders, its acceptors and the        *)
(* commands that change to it.  Each leader and acceptor serves in one, so *)
(* a ballot tells its configuration by its leader.  It goes by its lowest  *)
(* leader; that of leader 0 serves first.                                  *)

ASSUME \A j, k \in Configurations : j = k \/ j \cap k = {}

ConfigurationOf ==
  [x \in Leaders \cup Acceptors \cup Reconfigurations |->
     LET leaders == (CHOOSE k \in Configurations : x \in k) \cap Leaders
     IN CHOOSE l \in leaders : \A m \in leaders : l <= m]

First == 0

AcceptorsOf == [l \in Leaders |-> {a \in Acceptors : ConfigurationOf[a] = ConfigurationOf[l]}]

LeadersOf(k) == {l \in Leaders : ConfigurationOf[l] = k}

(* Whether S is a quorum of the configuration of leader l.                 *)
Majority(S, l) == 2 * Cardinality(S) > Cardinality(AcceptorsOf[l])

Requested == Commands \cup Reconfigurations

-----------------------------------------------------------------------------
(* Ballots are pairs <<round, leader>>; Bottom is below all of them.       *)

Bottom == <<-1, -1>>

Lower(b, c) == b[1] < c[1] \/ (b[1] = c[1] /\ b[2] < c[2])

Highest(b, c) == IF Lower(b, c) THEN c ELSE b

-----------------------------------------------------------------------------
(* Messages are records that name their receiver.                          *)

P1a(l, b) == {[type |-> "p1a", acceptor |-> a, leader |-> l, ballot |-> b] : a \in AcceptorsOf[l]}

P1b(a, m, state) ==
  [type |-> "p1b", leader |-> m.leader, acceptor |-> a, ballot |-> m.ballot,
   current |-> state.ballot, accepted |-> state.accepted]

P2a(l, p) == {[type |-> "p2a", acceptor |-> a, leader |-> l, pvalue |-> p] : a \in AcceptorsOf[l]}

P2b(a, m, state) ==
  [type |-> "p2b", leader |-> m.leader, acceptor |-> a, ballot |-> m.pvalue.ballot,
   slot |-> m.pvalue.slot, current |-> state.ballot]

Propose(s, c, k) ==
  {[type |-> "propose", leader |-> l, slot |-> s, command |-> c] : l \in LeadersOf(k)}

Decision(s, c) == {[type |-> "decision", replica |-> r, slot |-> s, command |-> c] : r \in Replicas}

Receiver(m) ==
  CASE m.type \in {"p1a", "p2a"} -> m.acceptor
    [] m.type \in {"p1b", "p2b", "propose"} -> m.leader
    [] m.type \in {"request", "decision"} -> m.replica
    [] OTHER -> m.to

(* Who may send to whom.  Each command is requested by a client of its own.*)
Pairs == (Acceptors \cup Leaders \cup Replicas \cup Requested) \X (Acceptors \cup Leaders \cup Replicas)

SlotOf(m) == IF m.type = "p2a" THEN m.pvalue.slot ELSE IF m.type = "propose" THEN m.slot ELSE 0

(* What one step sends to one node, in the order of the slots.             *)
RECURSIVE InOrder(_)
InOrder(messages) ==
  IF messages = {} THEN <<>>
  ELSE LET first == CHOOSE m \in messages : \A n \in messages : SlotOf(m) <= SlotOf(n)
       IN <<first>> \o InOrder(messages \ {first})

(* The network n when those of `sent` join the others, all from one node.  *)
Send(n, from, sent) ==
  IF Network # "fifo" THEN n \cup sent
  ELSE [p \in Pairs |->
          IF p[1] = from THEN n[p] \o InOrder({m \in sent : Receiver(m) = p[2]}) ELSE n[p]]

(* The network when message m is taken.  In a queue it is known whom it is *)
(* from.                                                                   *)
Without(m) ==
  CASE Network = "lossy-duplicating" -> net
    [] Network \in {"at-most-once", "lossy"} -> net \ {m}
    [] Network = "fifo" -> [net EXCEPT ![<<m.from, Receiver(m)>>] = Tail(@)]

Exchange(m, sent) == Send(Without(m), Receiver(m), sent)

-----------------------------------------------------------------------------
(* Rounds without end.  No rule asks for more than which of two rounds is  *)
(* the higher, and which is next; so states that differ by so many rounds  *)
(* more everywhere go on alike, and one of them stands for all: the one    *)
(* whose lowest round is 0.  It is the state itself that is lowered (with  *)
(* a VIEW, TLC would be wrong about what happens for ever).                *)

BallotsIn(m) ==
  CASE m.type = "p1a" -> {m.ballot}
    [] m.type = "p1b" -> {m.ballot, m.current} \cup {p.ballot : p \in m.accepted}
    [] m.type = "p2a" -> {m.pvalue.ballot}
    [] m.type = "p2b" -> {m.ballot, m.current}
    [] OTHER -> {}

UnderWay(n) == IF Network = "fifo" THEN UNION {{n[p][i] : i \in DOMAIN n[p]} : p \in Pairs} ELSE n

(* The rounds that occur in a state.                                       *)
RoundsOf(a, l, n) ==
  LET ballots ==
        UNION {{a[k].ballot} \cup {p.ballot : p \in a[k].accepted} : k \in Acceptors} \cup
        UNION {{l[k].ballot} \cup {c.pvalue.ballot : c \in l[k].commanders} : k \in Leaders} \cup
        UNION {UNION {{p.ballot : p \in scout.pvalues} : scout \in l[k].scout} : k \in Leaders} \cup
        UNION {BallotsIn(m) : m \in UnderWay(n)}
  IN {b[1] : b \in ballots \ {Bottom}}

Down(b, k) == IF b = Bottom THEN b ELSE <<b[1] - k, b[2]>>

AllDown(pvalues, k) == {[p EXCEPT !.ballot = Down(@, k)] : p \in pvalues}

MessageDown(m, k) ==
  CASE m.type = "p1a" -> [m EXCEPT !.ballot = Down(@, k)]
    [] m.type = "p1b" -> [m EXCEPT !.ballot = Down(@, k), !.current = Down(@, k), !.accepted = AllDown(@, k)]
    [] m.type = "p2a" -> [m EXCEPT !.pvalue.ballot = Down(@, k)]
    [] m.type = "p2b" -> [m EXCEPT !.ballot = Down(@, k), !.current = Down(@, k)]
    [] OTHER -> m

(* The next state, lowered if rounds have no end.                          *)
Become(a, l, r, n) ==
  LET rounds == RoundsOf(a, l, n)
      k == IF Rounds = 0 THEN CHOOSE low \in rounds : \A other \in rounds : low <= other ELSE 0
  IN /\ replica' = r
     /\ IF k = 0 THEN acceptor' = a /\ leader' = l /\ net' = n
        ELSE /\ acceptor' = [x \in Acceptors |->
                  [a[x] EXCEPT !.ballot = Down(@, k), !.accepted = AllDown(@, k)]]
             /\ leader' = [x \in Leaders |->
                  [l[x] EXCEPT !.ballot = Down(@, k),
                               !.scout = {[s EXCEPT !.pvalues = AllDown(@, k)] : s \in @},
                               !.commanders = {[c EXCEPT !.pvalue.ballot = Down(@, k)] : c \in @}]]
             /\ net' = IF Network = "fifo"
                       THEN [p \in Pairs |-> [i \in DOMAIN n[p] |-> MessageDown(n[p][i], k)]]
                       ELSE {MessageDown(m, k) : m \in n}

(* Such a state is not explored further.                                   *)
TooFarApart == Rounds = 0 /\ \E k \in RoundsOf(acceptor, leader, net) : k > Spread

-----------------------------------------------------------------------------
(* Acceptors (paper, section 2.3, figure 4).                               *)

OnP1a(m) ==
  LET a == m.acceptor
      state == [acceptor[a] EXCEPT !.ballot = Highest(@, m.ballot)]
  IN Become([acceptor EXCEPT ![a] = state], leader, replica, Exchange(m, {P1b(a, m, state)}))

(* Accept if and only if the ballots are equal; answer in any case.        *)
OnP2a(m) ==
  LET a == m.acceptor
      old == acceptor[a]
      state == IF m.pvalue.ballot = old.ballot
               THEN [old EXCEPT !.accepted = @ \cup {m.pvalue}] ELSE old
  IN Become([acceptor EXCEPT ![a] = state], leader, replica, Exchange(m, {P2b(a, m, state)}))

-----------------------------------------------------------------------------
(* Leaders (paper, section 2.4, figures 6 and 7).  The scout is a set: of  *)
(* one record while phase 1 is under way, empty otherwise.                 *)

Scout(heard, pvalues) == {[heard |-> heard, pvalues |-> pvalues]}

SlotsOf(proposals) == {p.slot : p \in proposals}

(* For each slot the commands of the highest ballot among `pvalues`.       *)
PMax(pvalues) ==
  {[slot |-> p.slot, command |-> p.command] :
     p \in {q \in pvalues : \A r \in pvalues : r.slot = q.slot => ~Lower(q.ballot, r.ballot)}}

(* All of y, and those of x whose slot does not occur in y.                *)
Override(x, y) == y \cup {p \in x : p.slot \notin SlotsOf(y)}

(* The steps below are pairs <<next state of the leader, messages sent>>.  *)

Spawn(l, state, proposals) ==
  LET pvalues == {[ballot |-> state.ballot, slot |-> p.slot, command |-> p.command] : p \in proposals}
  IN <<[state EXCEPT !.commanders = @ \cup {[pvalue |-> v, heard |-> {}] : v \in pvalues}],
       UNION {P2a(l, v) : v \in pvalues}>>

Preempted(l, state, b) ==
  IF ~Lower(state.ballot, b) THEN <<state, {}>>
  ELSE IF Rounds # 0 /\ b[1] + 1 >= Rounds THEN <<[state EXCEPT !.active = FALSE, !.scout = {}], {}>>
  ELSE LET next == <<b[1] + 1, l>>
       IN <<[state EXCEPT !.ballot = next, !.active = FALSE, !.scout = Scout({}, {})], P1a(l, next)>>

Adopted(l, state, pvalues) ==
  LET proposals == Override(state.proposals, PMax(pvalues))
  IN Spawn(l, [state EXCEPT !.active = TRUE, !.scout = {}, !.proposals = proposals], proposals)

Lead(m, step) ==
  Become(acceptor, [leader EXCEPT ![m.leader] = step[1]], replica, Exchange(m, step[2]))

OnPropose(m) ==
  LET old == leader[m.leader]
      proposal == [slot |-> m.slot, command |-> m.command]
      noted == [old EXCEPT !.proposals = @ \cup {proposal}]
  IN /\ m.slot \notin SlotsOf(old.proposals)
     /\ Lead(m, IF old.active THEN Spawn(m.leader, noted, {proposal}) ELSE <<noted, {}>>)

(* What leader `old` makes of a promise that tells of these pvalues.        *)
Hear(m, old, accepted) ==
  /\ m.ballot = old.ballot
  /\ ~Lower(m.current, m.ballot)
  /\ \E scout \in old.scout :
       LET heard == scout.heard \cup {m.acceptor}
           pvalues == scout.pvalues \cup accepted
       IN /\ m.acceptor \notin scout.heard
          /\ Lead(m,
               IF m.current # m.ballot THEN Preempted(m.leader, old, m.current)
               ELSE IF Majority(heard, m.leader) THEN Adopted(m.leader, old, pvalues)
               ELSE <<[old EXCEPT !.scout = Scout(heard, pvalues)], {}>>)

OnP1b(m) == Hear(m, leader[m.leader], m.accepted)

OnP2b(m) ==
  LET old == leader[m.leader] IN
  /\ ~Lower(m.current, m.ballot)
  /\ \E commander \in old.commanders :
       LET without == [old EXCEPT !.commanders = @ \ {commander}]
           heard == commander.heard \cup {m.acceptor}
       IN /\ commander.pvalue.ballot = m.ballot
          /\ commander.pvalue.slot = m.slot
          /\ IF m.current # m.ballot THEN Lead(m, Preempted(m.leader, without, m.current))
             ELSE /\ m.acceptor \notin commander.heard
                  /\ Lead(m,
                       IF Majority(heard, m.leader)
                       THEN <<without, Decision(m.slot, commander.pvalue.command)>>
                       ELSE <<[without EXCEPT !.commanders = @ \cup
                                [pvalue : {commander.pvalue}, heard : {heard}]], {}>>)

-----------------------------------------------------------------------------
(* Replicas (paper, section 2.1, figure 1).                                *)

CommandsOf(proposals) == {p.command : p \in proposals}

InSlot(proposals, s) == {p \in proposals : p.slot = s}

(* Perform decisions in slot order until the next one is unknown.  A       *)
(* proposal that lost its slot goes back among the requests.               *)
RECURSIVE PerformAll(_)
PerformAll(state) ==
  LET decided == InSlot(state.decisions, state.slotOut)
      ours == InSlot(state.proposals, state.slotOut)
  IN IF decided = {} THEN state
     ELSE LET lost == CommandsOf(ours) \ CommandsOf(decided)
          IN PerformAll([state EXCEPT
               !.slotOut = @ + 1,
               !.proposals = @ \ ours,
               !.requests = IF lost = {} THEN @ ELSE Append(@, CHOOSE c \in lost : TRUE)])

(* Of which configuration the leaders are that are asked from slotIn on: a *)
(* reconfiguration governs what lies Window slots above it, and the slots  *)
(* after that, once; that a later slot has it too changes nothing.         *)
Configured(state) ==
  LET s == state.slotIn - Window
      known == CommandsOf(InSlot(state.decisions, s)) \cap Reconfigurations
      before == CommandsOf({p \in state.decisions : p.slot < s})
  IN IF known \subseteq before THEN state.configuration ELSE ConfigurationOf[CHOOSE c \in known : TRUE]

(* Propose requests for the open slots of the window; the result is the    *)
(* pair <<next state, messages sent>>.                                     *)
RECURSIVE ProposeAll(_, _)
ProposeAll(state, sent) ==
  IF state.requests = <<>> \/ state.slotIn >= state.slotOut + Window \/ state.slotIn > Slots
  THEN <<state, sent>>
  ELSE LET k == Configured(state)
           c == Head(state.requests)
           next == [state EXCEPT !.slotIn = @ + 1, !.configuration = k]
       IN IF state.slotIn \in SlotsOf(state.decisions) THEN ProposeAll(next, sent)
          ELSE ProposeAll([next EXCEPT
                   !.requests = Tail(@),
                   !.proposals = @ \cup {[slot |-> state.slotIn, command |-> c]}],
                 sent \cup Propose(state.slotIn, c, k))

Replicate(m, state) ==
  LET step == ProposeAll(state, {})
  IN Become(acceptor, leader, [replica EXCEPT ![m.replica] = step[1]], Exchange(m, step[2]))

OnRequest(m) ==
  LET old == replica[m.replica] IN
  /\ m.command \notin CommandsOf(old.proposals) \cup CommandsOf(old.decisions)
  /\ \A i \in DOMAIN old.requests : old.requests[i] # m.command
  /\ Replicate(m, [old EXCEPT !.requests = Append(@, m.command)])

OnDecision(m) ==
  LET old == replica[m.replica]
      decision == [slot |-> m.slot, command |-> m.command]
  IN /\ decision \notin old.decisions
     /\ Replicate(m, PerformAll([old EXCEPT !.decisions = @ \cup {decision}]))

-----------------------------------------------------------------------------
(* Scouts begin, and every command is requested.                           *)
FirstMessages ==
  LET begun == UNION {P1a(l, <<0, l>>) : l \in Leaders}
      requests == [type : {"request"}, replica : Replicas, command : Requested]
  IN IF Network # "fifo" THEN begun \cup requests
     ELSE [p \in Pairs |-> InOrder({m \in begun : p = <<m.leader, m.acceptor>>} \cup
                                   {m \in requests : p = <<m.command, m.replica>>})]

Init ==
  /\ acceptor = [a \in Acceptors |-> [ballot |-> Bottom, accepted |-> {}]]
  /\ leader = [l \in Leaders |->
       [ballot |-> <<0, l>>, active |-> FALSE, proposals |-> {},
        scout |-> Scout({}, {}), commanders |-> {}]]
  /\ replica = [r \in Replicas |->
       [slotIn |-> 1, slotOut |-> 1, requests |-> <<>>, proposals |-> {}, decisions |-> {},
        configuration |-> First]]
  /\ net = FirstMessages

Take(m) ==
  \/ m.type = "p1a" /\ OnP1a(m)
  \/ m.type = "p2a" /\ OnP2a(m)
  \/ m.type = "propose" /\ OnPropose(m)
  \/ m.type = "p1b" /\ OnP1b(m)
  \/ m.type = "p2b" /\ OnP2b(m)
  \/ m.type = "request" /\ OnRequest(m)
  \/ m.type = "decision" /\ OnDecision(m)

Lose(m) == Network = "lossy" /\ Become(acceptor, leader, replica, Exchange(m, {}))

(* The first message of a queue is taken even if it is ignored: it would   *)
(* block the others.                                                       *)
TakeFirst(p) ==
  LET m == Head(net[p]) @@ ("from" :> p[1])
  IN \/ Take(m)
     \/ ~ENABLED Take(m) /\ Become(acceptor, leader, replica, Exchange(m, {}))

Next ==
  /\ ~TooFarApart
  /\ IF Network = "fifo" THEN \E p \in {q \in Pairs : net[q] # <<>>} : TakeFirst(p)
     ELSE \E m \in net : Take(m) \/ Lose(m)

Spec == Init /\ [][Next]_vars

-----------------------------------------------------------------------------
(* The properties, by the names they have in spec/properties.  Those of    *)
(* two states are formulas [][...]_vars, for PROPERTIES; the others are    *)
(* for INVARIANTS.  What runs must come to is claimed in Runs.tla.  A1 to  *)
(* A3 read rounds of two states: they are for rounds with an end.          *)

(* The ballot of an acceptor never decreases.                              *)
A1 == [][\A a \in Acceptors : ~Lower(acceptor'[a].ballot, acceptor[a].ballot)]_vars

(* An acceptor accepts a pvalue only in the ballot it has adopted.         *)
A2 == [][\A a \in Acceptors : \A p \in acceptor'[a].accepted \ acceptor[a].accepted :
           p.ballot = acceptor'[a].ballot]_vars

(* What A2 and A1 say of a single state.                                   *)
A2State == \A a \in Acceptors : \A p \in acceptor[a].accepted : ~Lower(acceptor[a].ballot, p.ballot)

(* An acceptor never removes a pvalue it has accepted.                     *)
A3 == [][\A a \in Acceptors : acceptor[a].accepted \subseteq acceptor'[a].accepted]_vars

(* What an acceptor has accepted so far, a replica learned and performed.  *)
Votes(a) == acceptor[a].accepted

Learned(r) == replica[r].decisions

(* The decided commands of the slots below slotOut, in order, each at its  *)
(* first slot; those that only change the configuration are not performed. *)
RECURSIVE PerformedBelow(_, _)
PerformedBelow(decisions, s) ==
  IF s <= 1 THEN <<>>
  ELSE LET before == PerformedBelow(decisions, s - 1)
           c == (CHOOSE p \in InSlot(decisions, s - 1) : TRUE).command
       IN IF c \in Reconfigurations \/ \E i \in DOMAIN before : before[i] = c THEN before
          ELSE Append(before, c)

Performed(r) == PerformedBelow(replica[r].decisions, replica[r].slotOut)

Accepted == UNION {Votes(a) : a \in Acceptors}

Commanded(l) == {c.pvalue : c \in leader[l].commanders}

AllCommanded == UNION {Commanded(l) : l \in Leaders}

Chosen == {p \in Accepted : Majority({a \in Acceptors : p \in Votes(a)}, p.ballot[2])}

OneCommand(pvalues) ==
  \A p, q \in pvalues : p.ballot = q.ballot /\ p.slot = q.slot => p.command = q.command

Respected(pvalues) ==
  \A p \in Chosen : \A q \in pvalues :
    /\ p.slot = q.slot
    /\ Lower(p.ballot, q.ballot)
    /\ ConfigurationOf[p.ballot[2]] = ConfigurationOf[q.ballot[2]]
    => p.command = q.command

(* Pvalues accepted for the same ballot and slot hold the same command.    *)
A4 == OneCommand(Accepted)

(* Pvalues accepted above a chosen one hold its command.                   *)
A5 == Respected(Accepted)

(* For a ballot and slot at most one command is commanded.                 *)
C1 == OneCommand(AllCommanded)

(* Commanders above a chosen pvalue have its command.                      *)
C2 == Respected(AllCommanded)

UniqueBallots == \A k, l \in Leaders : k # l => leader[k].ballot # leader[l].ballot

(* No two replicas know different decisions for one slot, nor does one.    *)
R1 == \A r, t \in Replicas : \A p \in Learned(r), q \in Learned(t) :
        p.slot = q.slot => p.command = q.command

(* Every slot below slotOut has a decision.                                *)
R2 == \A r \in Replicas : 1 .. replica[r].slotOut - 1 \subseteq SlotsOf(replica[r].decisions)

(* slotOut never decreases.                                                *)
R4 == [][\A r \in Replicas : replica'[r].slotOut >= replica[r].slotOut]_vars

(* A replica proposes only below slotOut + Window.                         *)
R5 == [][\A r \in Replicas :
           /\ replica'[r].slotIn <= replica'[r].slotOut + Window
           /\ \A p \in replica'[r].proposals \ replica[r].proposals :
                p.slot < replica'[r].slotOut + Window]_vars

(* Every decided command was submitted by a client.                        *)
Validity == \A r \in Replicas : CommandsOf(Learned(r)) \subseteq Requested

(* No replica performs a command twice.                                    *)
ExactlyOnce == \A r \in Replicas : \A i, j \in DOMAIN Performed(r) :
                 i # j => Performed(r)[i] # Performed(r)[j]

(* Of two replicas one has performed a prefix of what the other has.       *)
PrefixAgreement == \A r, t \in Replicas : \A i \in DOMAIN Performed(r) \cap DOMAIN Performed(t) :
                     Performed(r)[i] = Performed(t)[i]
=============================================================================
