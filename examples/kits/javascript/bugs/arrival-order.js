// D-04 of the catalogue: decisions are performed as they arrive, not in the order of slots.
'use strict'
const { serve } = require('../kit.js')
const { Server } = require('../server.js')

class ArrivalOrder extends Server {
  learn(slot) {
    this.state.log[slot].chosen = true
    this.perform(this.state.log[slot].command)
  }
}

serve(ArrivalOrder)
