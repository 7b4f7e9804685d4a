// The line protocol of pmmc, version 1, for nodes written in JavaScript: copy this file, it needs no other.
//
// A node is a subclass of Node. For each call a new object is made, this.state is set, and one handler runs:
//
//   begin()                     set this.state to what the node knows at first; it may send
//   on_TYPE(message, sender)    a message {type: "TYPE", …} has come
//   wake(timer)                 the timer of this name goes off
//   disk()                      what is on disk: returned; all of the state if not overridden
//   restart()                   after a crash; this.state is what was on disk
//   view()                      what properties read, if that is not the state itself
//
// A handler changes this.state, which is JSON, and calls this.send(to, message). One that does neither has
// ignored what came, and the message stays where it is. Nothing else may be kept from call to call.
'use strict'
const { isDeepStrictEqual } = require('node:util')

class Node {
  constructor(name, config, state) {
    Object.assign(this, { name, config, state, sends: [] })
  }

  /** Send a message, {type: …} and more, to one node or to each of a list. */
  send(to, message) {
    for (const node of [to].flat()) this.sends.push({ to: node, message })
  }

  wake(timer) {}

  disk() {
    return this.state
  }

  restart() {}

  view() {}

  /** What has come of a call, as the protocol has it; what is undefined is not written. */
  step() {
    return { state: this.state, view: this.view(), sends: this.sends }
  }
}

/** The answer to one request; `kinds` are classes by the first word of a node's name, or one class. */
function answer(kinds, config, request) {
  if (request.do === 'hello') {
    Object.assign(config, request.config)
    return { protocol: 1 }
  }
  const Kind = typeof kinds === 'function' ? kinds : kinds[request.node.split(' ')[0]]
  const before = request.state
  const node = new Kind(request.node, config, structuredClone(before))
  switch (request.do) {
    case 'init':
      node.begin()
      return { steps: [node.step()] }
    case 'restart':
      node.restart()
      return { steps: [node.step()] }
    case 'crash':
      return { steps: [{ state: node.disk() }] }
    case 'wake':
      node.wake(request.timer)
      break
    case 'step':
      node[`on_${request.message.type}`]?.(request.message, request.from)
  }
  const ignored = node.sends.length === 0 && isDeepStrictEqual(node.state, before)
  return { steps: ignored ? [] : [node.step()] }
}

/** Answer the requests on standard input, as many at once as are there, until it ends. */
function serve(kinds) {
  const config = {}
  let rest = ''
  process.stdin.setEncoding('utf8').on('data', (chunk) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()
    const answers = lines.map((line) => JSON.parse(line)).map((request) => {
      try {
        return { id: request.id, ...answer(kinds, config, request) }
      } catch (error) {
        console.error(error)
        return { id: request.id, error: String(error) }
      }
    })
    process.stdout.write(answers.map((said) => JSON.stringify(said) + '\n').join(''))
  })
}

module.exports = { Node, serve }
