// Arrow tables for the tests, exact to the microsecond: apache-arrow's own accessors show a timestamp in milliseconds.

import { Bool, Float64, RecordBatch, Schema, Field, Struct, Table, TimeUnit, TimestampMicrosecond, Utf8, makeData, makeVector, tableFromIPC, tableToIPC, vectorFromArray } from 'apache-arrow'

const TYPES = { number: () => new Float64(), text: () => new Utf8(), boolean: () => new Bool() }

// Microseconds since the epoch of RFC 3339 text in UTC.
export function micros(text) {
  const [, seconds, fraction = ''] = /^(.*?)(?:\.(\d+))?Z$/.exec(text)
  return BigInt(Date.parse(`${seconds}Z`)) * 1_000n + BigInt(fraction.padEnd(6, '0'))
}

export function instants(texts, zone = 'UTC') {
  const bitmap = new Uint8Array(Math.ceil(texts.length / 8) || 1)
  texts.forEach((text, at) => (bitmap[at >> 3] |= text ? 1 << (at & 7) : 0))
  const data = BigInt64Array.from(texts, (text) => (text ? micros(text) : 0n))
  const nullCount = texts.filter((text) => !text).length
  return makeData({ type: new TimestampMicrosecond(zone), length: texts.length, nullCount, nullBitmap: bitmap, data })
}

// Microseconds since the epoch as a column.
export function stamps(values, zone = 'UTC') {
  return makeVector(makeData({ type: new TimestampMicrosecond(zone), length: values.length, nullCount: 0, data: BigInt64Array.from(values, BigInt) }))
}

// Rows as Arrow IPC; `columns` gives the type of each, and `at` is always there.
export function ipc(rows, columns, { zone = 'UTC', format = 'stream' } = {}) {
  const parts = { at: instants(rows.map((row) => row.at), zone) }
  for (const [name, type] of Object.entries(columns)) parts[name] = vectorFromArray(rows.map((row) => row[name] ?? null), TYPES[type]()).data[0]
  const fields = Object.entries(parts).map(([name, data]) => new Field(name, data.type, true))
  const schema = new Schema(fields)
  const batch = new RecordBatch(schema, makeData({ type: new Struct(fields), length: rows.length, nullCount: 0, children: Object.values(parts) }))
  return tableToIPC(new Table(schema, batch), format)
}

// Arrow IPC as rows, with instants in microseconds.
export function rows(bytes) {
  const table = tableFromIPC(bytes)
  const columns = table.schema.fields.map((field, at) => [field.name, reader(field, table.getChildAt(at))])
  return Array.from({ length: table.numRows }, (_, row) => Object.fromEntries(columns.map(([name, read]) => [name, read(row)])))
}

function reader(field, vector) {
  if (field.type instanceof TimestampMicrosecond || field.type.unit === TimeUnit.MICROSECOND) {
    const values = vector.data.flatMap((data) => Array.from(data.values.subarray(0, data.length)))
    return (row) => (vector.isValid(row) ? values[row] : null)
  }
  return (row) => {
    const value = vector.get(row)
    return typeof value === 'bigint' ? Number(value) : value
  }
}
