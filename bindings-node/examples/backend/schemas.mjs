// The shape of what comes in. Whether the words are the journey's (kinds, channels, properties) the journey says, with a hint.

/** The most characters that a customer's id may have. */
export const LONGEST_NAME = 256

// PostgreSQL has no text with the character 0.
const name = { type: 'string', minLength: 1, maxLength: LONGEST_NAME, pattern: '^[^\\u0000]*$' }
const text = { type: ['string', 'null'], maxLength: 1000 }
const instant = { type: 'string', format: 'date-time' }
const value = { type: ['string', 'number', 'boolean', 'null'], maxLength: 10_000 }
const values = { type: 'object', maxProperties: 200, additionalProperties: value }

export const customer = { type: 'object', properties: { id: name } }

export const touchpoint = {
  type: 'object',
  required: ['customer', 'kind'],
  properties: {
    customer: name,
    kind: { type: 'string' },
    at: instant,
    id: text,
    channel: text,
    topic: text,
    value: { type: ['number', 'null'] },
    direction: { enum: ['inbound', 'outbound', null] },
    action: text,
    outcome: text,
    purpose: text,
    owner: text,
  },
  maxProperties: 200,
  // The properties that the journey declares for the kind.
  additionalProperties: value,
}

export const preference = {
  type: 'object',
  required: ['customer', 'choice'],
  properties: {
    customer: name,
    choice: { enum: ['in', 'out', 'pending', 'objected'] },
    at: instant,
    id: text,
    channel: text,
    topic: text,
    purpose: text,
    source: text,
    evidence: text,
    expires: { anyOf: [instant, { type: 'null' }] },
  },
  additionalProperties: false,
}

export const attributes = {
  type: 'object',
  required: ['attributes'],
  properties: {
    attributes: { ...values, minProperties: 1 },
    // null: from the beginning of time.
    at: { anyOf: [instant, { type: 'null' }] },
    id: text,
  },
  additionalProperties: false,
}

export const question = {
  type: 'object',
  properties: {
    channel: { type: 'string', minLength: 1 },
    topic: { type: 'string', minLength: 1 },
    top: { type: 'string', pattern: '^[1-9][0-9]?$' },
    explain: { enum: ['0', '1'] },
    // JSON objects, because an address has no types.
    inputs: { type: 'string' },
    context: { type: 'string' },
  },
  additionalProperties: false,
}

export const saying = {
  type: 'object',
  properties: {
    channel: { type: 'string', minLength: 1 },
    topic: { type: 'string', minLength: 1 },
    inputs: values,
    context: values,
    action: { type: 'string', minLength: 1 },
    outcome: { type: 'string', minLength: 1 },
    id: { type: 'string', minLength: 1, maxLength: 1000 },
  },
  additionalProperties: false,
}

/** A list; a single one was made a list of one before. */
export function oneOrMore(items) {
  return { type: 'array', minItems: 1, maxItems: 1000, items }
}
