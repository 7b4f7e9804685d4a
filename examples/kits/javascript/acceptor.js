// The acceptor of Paxos Made Moderately Complex, in the wire form "pmmc 1" (`pmmc schema --wire`).
'use strict'
const { isDeepStrictEqual: same } = require('node:util')
const { Node, serve } = require('./kit.js')

/** Below 0 if ballot a is lower than b, 0 if they are equal: [round, leader], round first. */
const compare = (a, b) => a[0] - b[0] || a[1] - b[1]
/** A set with one more member. */
const withOne = (set, one) => (set.some((member) => same(member, one)) ? set : [...set, one])

// What an acceptor knows: the `ballot` it has adopted, and all that it has `accepted`.
class Acceptor extends Node {
  begin() {
    this.state = { ballot: [-1, -1], accepted: [] }
  }

  on_p1a({ leader, ballot }) {
    if (compare(ballot, this.state.ballot) > 0) this.state.ballot = ballot
    const { ballot: current, accepted } = this.state
    this.send(leader, { type: 'p1b', acceptor: this.name, ballot, current, accepted })
  }

  on_p2a({ leader, pvalue }) {
    if (compare(pvalue.ballot, this.state.ballot) === 0) this.accept(pvalue)
    const { ballot, slot } = pvalue
    this.send(leader, { type: 'p2b', acceptor: this.name, ballot, slot, current: this.state.ballot })
  }

  accept(pvalue) {
    this.state.accepted = withOne(this.state.accepted, pvalue)
  }
}

module.exports = { Acceptor, compare, same, withOne }

if (require.main === module) serve(Acceptor)
