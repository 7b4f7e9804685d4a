// B-01 of the catalogue: a new leader does not propose again what promises report.
'use strict'
const { serve } = require('../kit.js')
const { Server } = require('../server.js')

class OwnProposalsOnly extends Server {
  lead(best) {}
}

serve(OwnProposalsOnly)
