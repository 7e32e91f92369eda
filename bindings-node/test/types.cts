// The same package through `require`.

import wayfare = require('wayfare')

const journey: wayfare.Journey = wayfare.Journey.template('retail')
export const stages: readonly string[] = journey.stages('relationship')
