// Leader and replica of Paxos Made Moderately Complex, in the wire form "pmmc 1", for one configuration.
'use strict'
const { Node, serve } = require('./kit.js')
const { Acceptor, compare, same, withOne } = require('./acceptor.js')

// What a leader knows: its `ballot`, whether it is `active`, its `proposals`; of phase 1 a `scout` (whom it has
// heard, and what they had accepted), of phase 2 `commanders`, each of one pvalue.
class Leader extends Node {
  begin() {
    this.state = { active: false, ballot: [0, this.index()], proposals: [], scout: null, commanders: [] }
    this.probe()
  }

  restart() {
    this.state.active = false
    this.rise(this.state.ballot)
  }

  index() {
    return Number(this.name.split(' ')[1])
  }

  isQuorum(heard) {
    return 2 * heard.length > this.config.acceptors.length
  }

  probe() {
    this.state.scout = { heard: [], pvalues: [] }
    this.send(this.config.acceptors, { type: 'p1a', leader: this.name, ballot: this.state.ballot })
  }

  command({ slot, command }) {
    const pvalue = { ballot: this.state.ballot, slot, command }
    this.state.commanders = withOne(this.state.commanders, { pvalue, heard: [] })
    this.send(this.config.acceptors, { type: 'p2a', leader: this.name, pvalue })
  }

  on_propose({ slot, command }) {
    if (this.state.proposals.some((proposal) => proposal.slot === slot)) return
    this.state.proposals.push({ slot, command })
    if (this.state.active) this.command({ slot, command })
  }

  on_p1b({ acceptor, ballot, current, accepted }) {
    const { scout } = this.state
    if (!scout || !same(ballot, this.state.ballot) || scout.heard.includes(acceptor)) return
    if (compare(current, ballot) > 0) return this.preempted(current)
    if (compare(current, ballot) < 0) return
    scout.heard.push(acceptor)
    scout.pvalues = accepted.reduce(withOne, scout.pvalues)
    if (this.isQuorum(scout.heard)) this.adopted(scout.pvalues)
  }

  adopted(pvalues) {
    const highest = this.highest(pvalues)
    const others = this.state.proposals.filter(({ slot }) => !highest.some((p) => p.slot === slot))
    this.state.proposals = [...highest, ...others].sort((a, b) => a.slot - b.slot)
    Object.assign(this.state, { active: true, scout: null })
    for (const proposal of this.state.proposals) this.command(proposal)
  }

  /** The paper's pmax: for each slot what was accepted in the highest ballot. */
  highest(pvalues) {
    return pvalues
      .filter((p) => !pvalues.some((q) => q.slot === p.slot && compare(q.ballot, p.ballot) > 0))
      .map(({ slot, command }) => ({ slot, command }))
  }

  on_p2b({ acceptor, ballot, slot, current }) {
    const commander = this.state.commanders.find((c) => c.pvalue.slot === slot && same(c.pvalue.ballot, ballot))
    if (!commander || compare(current, ballot) < 0) return
    const ends = compare(current, ballot) > 0
    if (!ends && commander.heard.includes(acceptor)) return
    if (!ends) commander.heard.push(acceptor)
    if (ends || this.isQuorum(commander.heard)) {
      this.state.commanders = this.state.commanders.filter((other) => other !== commander)
    }
    if (ends) this.preempted(current)
    else if (this.isQuorum(commander.heard)) {
      this.send(this.config.replicas, { type: 'decision', slot, command: commander.pvalue.command })
    }
  }

  preempted(ballot) {
    if (compare(ballot, this.state.ballot) <= 0) return
    this.state.active = false
    this.rise(ballot)
  }

  /** A scout in a ballot above that one; if there is none any more, never again. */
  rise([round]) {
    this.state.scout = null
    if (this.config.rounds !== null && round + 1 >= this.config.rounds) return
    this.state.ballot = [round + 1, this.index()]
    this.probe()
  }
}

// What a replica knows: the `store` and what was `performed`, the next slots to propose for (`slot_in`) and to
// perform (`slot_out`), `requests` that wait, `proposals`, `decisions`.
class Replica extends Node {
  begin() {
    const sets = { store: [], performed: [], requests: [], proposals: [], decisions: [], reads: [] }
    this.state = { ...sets, slot_in: 1, slot_out: 1, configuration: 0 }
  }

  on_request({ command }) {
    const { requests, proposals, decisions } = this.state
    const held = [...requests, ...[...proposals, ...decisions].map((p) => p.command)]
    if (held.some((other) => same(other, command))) return
    requests.push(command)
    this.propose()
  }

  on_decision({ slot, command }) {
    const decisions = withOne(this.state.decisions, { slot, command })
    if (decisions === this.state.decisions) return
    this.state.decisions = decisions
    for (let next; (next = this.decided(this.state.slot_out)); ) this.perform(next.command)
    this.propose()
  }

  decided(slot) {
    return this.state.decisions.find((decision) => decision.slot === slot)
  }

  perform(command) {
    const { slot_out: slot, proposals, decisions } = this.state
    const displaced = proposals.filter((p) => p.slot === slot && !same(p.command, command))
    this.state.requests.push(...displaced.map((p) => p.command))
    this.state.proposals = proposals.filter((p) => p.slot !== slot)
    this.state.slot_out += 1
    if (decisions.some((d) => d.slot < slot && same(d.command, command))) return
    const result = this.apply(command.op)
    this.state.performed.push(command)
    if (!this.config.clients.includes(command.client)) return
    this.send(command.client, { type: 'response', cid: command.cid, result })
  }

  apply(op) {
    const [word, key, value] = op.split(' ')
    if (word === 'noop') return []
    const old = this.state.store.find((entry) => entry[0] === key)?.[1] ?? []
    if (word === 'get') return old
    const result = word === 'append' ? [...old, value] : [value]
    this.state.store = [...this.state.store.filter((entry) => entry[0] !== key), [key, result]]
    return result
  }

  propose() {
    const { window, slots, leaders } = this.config
    const isOpen = () => this.state.slot_in < this.state.slot_out + window
    while (this.state.requests.length && isOpen() && (slots === null || this.state.slot_in <= slots)) {
      const slot = this.state.slot_in
      if (!this.decided(slot)) {
        const command = this.state.requests.shift()
        this.state.proposals.push({ slot, command })
        this.send(leaders, { type: 'propose', slot, command })
      }
      this.state.slot_in += 1
    }
  }
}

module.exports = { Acceptor, Leader, Replica, compare, same, withOne }

if (require.main === module) serve({ acceptor: Acceptor, leader: Leader, replica: Replica })
