// Multi-Paxos in one process a server: acceptor, leader and replica together, for pmmc's replicated-log.
//
// A ballot is [round, index of the server whose it is]. Everybody has promised [0, 0] from the start, so the
// first server leads it without asking. A server whose election timer goes off asks for promises in a ballot
// above all that it has seen, proposes again what they report in the highest ballot, and leads.
'use strict'
const { isDeepStrictEqual: same } = require('node:util')
const { Node, serve } = require('./kit.js')

/** Below 0 if ballot a is lower than b, 0 if they are equal. */
const compare = (a, b) => a[0] - b[0] || a[1] - b[1]

// What a server knows: what it has `promised`, its `phase`, the `log` (slot → ballot, command, chosen); as a
// candidate whom it has `heard` and the `best` of what they report; as a leader `acks` (slot → who has
// accepted); as a replica the `store`, what was `performed`, the `next` slot, and each client's last `results`.
class Server extends Node {
  begin() {
    this.state = {
      promised: [0, 0],
      phase: this.me() === 0 ? 'leader' : 'follower',
      log: {},
      heard: [],
      best: {},
      acks: {},
      store: {},
      performed: [],
      next: 1,
      results: {},
    }
  }

  me() {
    return this.config.servers.indexOf(this.name)
  }

  others() {
    return this.config.servers.filter((server) => server !== this.name)
  }

  isMajority(servers) {
    return 2 * servers.length > this.config.servers.length
  }

  // A client asks: only a leader listens.

  on_request({ client, cid, op }) {
    if (this.state.phase !== 'leader') return
    const command = { client, cid, op }
    if (this.isDone(command)) this.answer(command)
    else if (!Object.values(this.state.log).some((entry) => same(entry.command, command))) {
      this.propose(this.freeSlot(), command)
    }
  }

  freeSlot() {
    let slot = 1
    while (slot in this.state.log) slot += 1
    return slot
  }

  // Phase 1: a candidate asks for promises.

  wake(timer) {
    const candidates = this.config.options.candidates ?? this.config.servers
    if (this.state.phase === 'leader' || !candidates.includes(this.name)) return
    this.follow([this.state.promised[0] + 1, this.me()])
    this.state.phase = 'candidate'
    this.send(this.others(), { type: 'p1a', ballot: this.state.promised })
    this.notePromise(this.name, this.state.log)
  }

  /** Promise a ballot that is higher: whatever it led before, it does so no more. */
  follow(ballot) {
    Object.assign(this.state, { promised: ballot, phase: 'follower', heard: [], best: {}, acks: {} })
  }

  on_p1a({ ballot }, candidate) {
    if (compare(ballot, this.state.promised) <= 0) return
    this.follow(ballot)
    this.send(candidate, { type: 'p1b', ballot, log: this.reported() })
  }

  reported() {
    return this.state.log
  }

  on_p1b({ ballot, log }, server) {
    if (this.state.phase === 'candidate' && same(ballot, this.state.promised)) this.notePromise(server, log)
  }

  notePromise(server, log) {
    this.state.heard = [...new Set([...this.state.heard, server])].sort()
    for (const [slot, { ballot, command }] of Object.entries(log)) {
      const best = this.state.best[slot]
      if (!best || compare(ballot, best.ballot) > 0) this.state.best[slot] = { ballot, command }
    }
    if (!this.isMajority(this.state.heard)) return
    const best = this.state.best
    Object.assign(this.state, { phase: 'leader', heard: [], best: {} })
    this.lead(best)
  }

  /** What was accepted in the highest ballot may have been chosen: propose it again. */
  lead(best) {
    for (const [slot, { command }] of Object.entries(best)) {
      if (this.state.log[slot]?.chosen) this.announce(Number(slot))
      else this.propose(Number(slot), command)
    }
  }

  // Phase 2: a leader has commands accepted.

  propose(slot, command) {
    this.accept(this.state.promised, slot, command)
    this.send(this.others(), { type: 'p2a', ballot: this.state.promised, slot, command })
    this.noteAccepted(this.name, slot)
  }

  accept(ballot, slot, command) {
    const chosen = this.state.log[slot]?.chosen ?? false
    this.state.log[slot] = { ballot, command, chosen }
  }

  on_p2a({ ballot, slot, command }, leader) {
    if (compare(ballot, this.state.promised) < 0) return
    if (compare(ballot, this.state.promised) > 0) this.follow(ballot)
    this.accept(ballot, slot, command)
    this.send(leader, { type: 'p2b', ballot, slot })
  }

  on_p2b({ ballot, slot }, server) {
    if (this.state.phase === 'leader' && same(ballot, this.state.promised)) this.noteAccepted(server, slot)
  }

  noteAccepted(server, slot) {
    if (this.state.log[slot].chosen) return
    const acks = [...new Set([...(this.state.acks[slot] ?? []), server])].sort()
    this.state.acks[slot] = acks
    if (!this.isMajority(acks)) return
    delete this.state.acks[slot]
    this.learn(slot)
    this.announce(slot)
  }

  // Decisions: performed in the order of slots, each command once.

  announce(slot) {
    const { ballot, command } = this.state.log[slot]
    this.send(this.others(), { type: 'decision', ballot, slot, command })
  }

  on_decision({ ballot, slot, command }) {
    const entry = this.state.log[slot]
    if (!entry || compare(entry.ballot, ballot) < 0) this.accept(ballot, slot, command)
    if (!this.state.log[slot].chosen) this.learn(slot)
  }

  learn(slot) {
    this.state.log[slot].chosen = true
    while (this.state.log[this.state.next]?.chosen) {
      this.perform(this.state.log[this.state.next].command)
      this.state.next += 1
    }
  }

  perform(command) {
    if (this.isDone(command)) return
    const [word, key, value] = command.op.split(' ')
    const old = this.state.store[key] ?? ''
    const result = word === 'append' ? old + value : word === 'put' ? value : old
    if (word !== 'get') this.state.store[key] = result
    this.state.performed.push(command)
    this.state.results[command.client] = { cid: command.cid, result }
    if (this.state.phase === 'leader') this.answer(command)
  }

  isDone(command) {
    return this.state.results[command.client]?.cid >= command.cid
  }

  answer(command) {
    this.send(command.client, { type: 'response', ...this.state.results[command.client] })
  }

  // What a crash leaves, and what properties read.

  disk() {
    return this.state
  }

  restart() {
    this.follow(this.state.promised)
  }

  view() {
    const log = Object.entries(this.state.log).map(([slot, { chosen, command }]) => [
      slot,
      { status: chosen ? 'chosen' : 'accepted', command },
    ])
    return { log: Object.fromEntries(log), performed: this.state.performed }
  }
}

module.exports = { Server, compare, same }

if (require.main === module) serve(Server)
