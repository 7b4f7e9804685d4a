// A-13 of the catalogue: what is promised survives a crash, and what is accepted does not.
'use strict'
const { serve } = require('../kit.js')
const { Server } = require('../server.js')

class LogNotOnDisk extends Server {
  disk() {
    return { ...this.state, log: {} }
  }
}

serve(LogNotOnDisk)
