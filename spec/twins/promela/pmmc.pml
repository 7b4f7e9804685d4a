/* The raw question of bench/ for SPIN: 3 acceptors, 2 leaders, 1 replica, 1 slot, 1 round, 2 commands,
 * each message delivered at most once. The same states and steps as the Python model, one message a
 * step: 1,572,457 states.
 *
 * Written for speed, as one who knows SPIN would: one process, one d_step for each delivery, local
 * states and messages as bit masks in bytes. The bounds allow it: a leader has one ballot and commands
 * one command, so of each kind of reply there is at most one for each leader and acceptor. No channels:
 * the network is a set, and messages it holds may be taken in any order.
 *
 * Numbers: leaders and acceptors from 0; ballots 0 (none), 1 (leader 0), 2 (leader 1); commands 1 and
 * 2, 0 for none. A set of pvalues is a mask, bit 2 * (ballot - 1) + command - 1.
 */
#define PAIR(l, a)    (3 * (l) + (a))
#define BIT(i)        (1 << (i))
#define PVALUE(b, c)  BIT(2 * ((b) - 1) + (c) - 1)
#define TWO_OR_MORE(m) ((m) & ((m) - 1))

/* Acceptors */
byte ballot[3];
byte accepted[3];

/* Leaders. `heard` and `pvalues` belong to the scout or to the commander, whichever lives. */
#define SCOUTING   0
#define IDLE       1   /* active, no commander */
#define COMMANDING 2   /* active, one commander, of the command in `proposal` */
#define RETIRED    3
byte phase[2];
byte heard[2];
byte pvalues[2];
byte proposal[2];

/* The replica. `waiting` holds the requests, the first one in the lower two bits. */
bit  past_in;     /* slot_in is 2 */
bit  past_out;    /* slot_out is 2 */
byte waiting;
byte proposed;
byte decided;     /* a mask of commands */

/* The network: which messages are there. */
byte request  = 3;    /* bit command - 1 */
byte p1a      = 63;   /* bit PAIR */
byte p2a;             /* bit PAIR; the command is the leader's proposal */
byte p1b[6];          /* 0, or 64 + 16 * ballot of the acceptor + what it has accepted */
byte p2b[6];          /* 0, or 1 + ballot of the acceptor */
byte propose;         /* bit 2 * leader + command - 1 */
byte decision;        /* bit command - 1 */

/* A1: ballots only grow. A4: one command for each ballot. A5: with ballot 1 chosen, ballot 2 agrees. */
#define VOTES(v) (((accepted[0] & (v)) != 0) + ((accepted[1] & (v)) != 0) + ((accepted[2] & (v)) != 0))
inline check_votes() {
  assert(!((VOTES(1) > 0) && (VOTES(2) > 0)) && !((VOTES(4) > 0) && (VOTES(8) > 0)));
  assert(!((VOTES(1) > 1) && (VOTES(8) > 0)) && !((VOTES(2) > 1) && (VOTES(4) > 0)))
}

inline command(l) {          /* a commander begins if there is something to command */
  if
  :: proposal[l] -> phase[l] = COMMANDING; p2a = p2a | (7 << PAIR(l, 0))
  :: else -> phase[l] = IDLE
  fi
}

inline enqueue(c) {
  if
  :: waiting == 0 -> waiting = c
  :: else -> waiting = waiting | ((c) << 2)
  fi
}

inline propose_next() {      /* slot 1 is the only slot */
  if
  :: waiting && !past_in ->
     if
     :: decided == 0 ->
        proposed = waiting & 3;
        waiting = waiting >> 2;
        propose = propose | (5 << (proposed - 1))
     :: else
     fi;
     past_in = 1
  :: else
  fi
}

#define P1A(l, a) \
  :: d_step { (p1a & BIT(PAIR(l, a))) -> \
       p1a = p1a & ~BIT(PAIR(l, a)); \
       if :: ballot[a] < l + 1 -> ballot[a] = l + 1 :: else fi; \
       p1b[PAIR(l, a)] = 64 + 16 * ballot[a] + accepted[a] }

#define P2A(l, a) \
  :: d_step { (p2a & BIT(PAIR(l, a))) -> \
       p2a = p2a & ~BIT(PAIR(l, a)); \
       if \
       :: ballot[a] == l + 1 -> accepted[a] = accepted[a] | PVALUE(l + 1, proposal[l]); check_votes() \
       :: else \
       fi; \
       p2b[PAIR(l, a)] = 1 + ballot[a] }

#define P1B(l, a) \
  :: d_step { (p1b[PAIR(l, a)] && phase[l] == SCOUTING) -> \
       if \
       :: ((p1b[PAIR(l, a)] >> 4) & 3) > l + 1 -> phase[l] = RETIRED; heard[l] = 0; pvalues[l] = 0 \
       :: else -> \
          heard[l] = heard[l] | BIT(a); \
          pvalues[l] = pvalues[l] | (p1b[PAIR(l, a)] & 15); \
          if \
          :: TWO_OR_MORE(heard[l]) -> \
             if \
             :: pvalues[l] & 12 -> proposal[l] = pvalues[l] >> 2 \
             :: else -> if :: pvalues[l] -> proposal[l] = pvalues[l] :: else fi \
             fi; \
             heard[l] = 0; pvalues[l] = 0; \
             command(l) \
          :: else \
          fi \
       fi; \
       p1b[PAIR(l, a)] = 0 }

#define P2B(l, a) \
  :: d_step { (p2b[PAIR(l, a)] > l + 1 && phase[l] == COMMANDING) -> \
       if \
       :: p2b[PAIR(l, a)] > l + 2 -> phase[l] = RETIRED; heard[l] = 0 \
       :: else -> \
          heard[l] = heard[l] | BIT(a); \
          if \
          :: TWO_OR_MORE(heard[l]) -> \
             phase[l] = IDLE; heard[l] = 0; decision = decision | proposal[l] \
          :: else \
          fi \
       fi; \
       p2b[PAIR(l, a)] = 0 }

#define PROPOSE(l, c) \
  :: d_step { ((propose & BIT(2 * l + c - 1)) && !proposal[l]) -> \
       propose = propose & ~BIT(2 * l + c - 1); \
       proposal[l] = c; \
       if :: phase[l] == IDLE -> command(l) :: else fi }

#define REQUEST(c) \
  :: d_step { ((request & BIT(c - 1)) && proposed != c && !(decided & BIT(c - 1)) \
               && (waiting & 3) != c && (waiting >> 2) != c) -> \
       request = request & ~BIT(c - 1); \
       enqueue(c); \
       propose_next() }

#define DECISION(c) \
  :: d_step { ((decision & BIT(c - 1)) && !(decided & BIT(c - 1))) -> \
       decision = decision & ~BIT(c - 1); \
       decided = decided | BIT(c - 1); \
       assert(decided != 3); \
       if \
       :: !past_out -> \
          if :: proposed && proposed != c -> enqueue(proposed) :: else fi; \
          proposed = 0; past_out = 1 \
       :: else \
       fi; \
       propose_next() }

#define EACH(MESSAGE) \
  MESSAGE(0, 0) MESSAGE(0, 1) MESSAGE(0, 2) MESSAGE(1, 0) MESSAGE(1, 1) MESSAGE(1, 2)

active proctype system() {
end:
  do
  EACH(P1A)
  EACH(P1B)
  EACH(P2A)
  EACH(P2B)
  PROPOSE(0, 1) PROPOSE(0, 2) PROPOSE(1, 1) PROPOSE(1, 2)
  REQUEST(1) REQUEST(2)
  DECISION(1) DECISION(2)
  od
}
