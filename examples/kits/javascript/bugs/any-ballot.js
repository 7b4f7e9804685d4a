// A-01 of the catalogue: what a leader proposes is accepted, whatever its ballot.
'use strict'
const { serve } = require('../kit.js')
const { Server } = require('../server.js')

class AnyBallot extends Server {
  on_p2a({ ballot, slot, command }, leader) {
    this.accept(ballot, slot, command)
    this.send(leader, { type: 'p2b', ballot, slot })
  }
}

serve(AnyBallot)
