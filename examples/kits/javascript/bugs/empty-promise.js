// A-06 of the catalogue: a promise does not tell what was accepted.
'use strict'
const { serve } = require('../kit.js')
const { Server } = require('../server.js')

class EmptyPromise extends Server {
  reported() {
    return {}
  }
}

serve(EmptyPromise)
