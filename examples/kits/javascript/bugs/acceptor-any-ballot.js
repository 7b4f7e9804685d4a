// A-01 of the catalogue: the acceptor accepts whatever the ballot, and answers that it was the adopted one.
'use strict'
const { serve } = require('../kit.js')
const { Acceptor } = require('../acceptor.js')

class AnyBallot extends Acceptor {
  on_p2a({ leader, pvalue }) {
    this.accept(pvalue)
    const { ballot, slot } = pvalue
    this.send(leader, { type: 'p2b', acceptor: this.name, ballot, slot, current: ballot })
  }
}

serve(AnyBallot)
