/**
 * wayfare, a customer-journey engine that a program embeds: it reads a journey file, folds one customer's records in microseconds, and takes whole
 * Arrow tables through the same journey.
 *
 * Instants go in as a `Date` or as RFC 3339 text with an offset, and come out as text, because they are exact to the microsecond and a `Date` is not.
 * Names of documents (`next_change`, `make_up`) are the same in every language; `null` stands for what is not known.
 *
 * Every call may throw a {@link WayfareError}.
 */

/** An instant: a `Date`, or RFC 3339 text with an offset, like `2026-03-01T09:30:00Z`. */
export type Instant = Date | string

/** A value of a field, trait or attribute; `null` is not known. Numbers are finite, whole ones at most 2^53. */
export type Value = number | string | boolean | null

/** The type of a field or attribute. */
export type ValueType = 'number' | 'text' | 'boolean'

/** One interaction with a customer. Beside the fields named here it may have any property that the journey declares for its kind. */
export interface Touchpoint {
  /** When. */
  at: Instant
  /** A kind that the journey declares under `touchpoints`. */
  kind: string
  /** A second record with the same id changes nothing; one without an id is never a duplicate. */
  id?: string | null
  channel?: string | null
  topic?: string | null
  value?: number | null
  direction?: 'inbound' | 'outbound' | null
  action?: string | null
  outcome?: string | null
  [property: string]: Instant | Value | undefined
}

/** Where a customer stands on one track. */
export interface Stage {
  stage: string
  /** When it was entered; for a stage never left, the instant of the first record. `null` if it was always so. */
  since: string | null
}

/** The next move, if nothing happens. */
export interface NextChange {
  at: string
  track: string
  from: string
  to: string
}

/** What one element of a score contributes, before the score's own bounds. */
export interface Contribution {
  element: string
  contribution: number | null
}

/** One move on a track, and why. */
export interface Transition {
  track: string
  /** `null` for "from the beginning of time". */
  at: string | null
  from: string
  to: string
  cause: 'touchpoint' | 'attribute' | 'time'
  /** The id of the record that caused it, if one did and had an id. */
  record: string | null
  /** The rule of the stage that was entered or, after a fall, the one that no longer held. */
  rule: string
  /** Whether it was a fall to the first stage, because `rule` no longer held. */
  fell: boolean
  /** What the rule's operands were at that instant. */
  operands: Record<string, Value>
  /** Rule and operands in one line. */
  because: string
}

/** What is true of a customer at an instant. It does not change when the profile does. */
export class View {
  private constructor()
  /** The instant of the view. */
  readonly at: string
  /** By track. */
  readonly stages: Record<string, Stage>
  /** By name. */
  readonly traits: Record<string, Value>
  /** By name. */
  readonly scores: Record<string, number | null>
  /** By name; `null` where membership is not known. */
  readonly segments: Record<string, boolean | null>
  /**
   * What each element of each score contributes. It is worked out when it is first read; if the profile was given a record in between, that throws
   * `stale_view`, and {@link Profile.makeUp} answers instead.
   */
  readonly make_up: Record<string, Contribution[]>
  /**
   * The first move that will happen if no further record comes. It is worked out when it is first read; if the profile was given a record in between, that
   * throws `stale_view`, and {@link Profile.nextChange} answers instead.
   */
  readonly next_change: NextChange | null
  /** All of it as a plain object. */
  toJSON(): ViewDocument
}

/** A view as a plain object. */
export interface ViewDocument {
  at: string
  stages: Record<string, Stage>
  traits: Record<string, Value>
  scores: Record<string, number | null>
  make_up: Record<string, Contribution[]>
  segments: Record<string, boolean | null>
  next_change: NextChange | null
}

/** One customer's folded records: a pure function of the set of them, whatever the order they come in. */
export class Profile {
  private constructor()
  /**
   * A profile from the bytes that {@link Profile.toBytes} gave.
   * @throws {WayfareError} `invalid_profile` if they are something else or were damaged, `journey_mismatch` if it was folded with another journey.
   */
  static fromBytes(journey: Journey, bytes: Uint8Array | ArrayBuffer): Profile
  /** The customer's id. */
  readonly customer: string
  /**
   * Folds a touchpoint.
   * @returns `false` if a record with its id was there already and nothing changed.
   * @throws {WayfareError} `invalid_record` if it does not fit the journey, `too_late` if it is older than `allowed_lateness` permits. The profile is
   * unchanged then.
   * @example
   * profile.observe({ kind: 'purchased', at: new Date(), channel: 'store', id: 'order-1007', value: 59.9, items: 2 })
   */
  observe(touchpoint: Touchpoint): boolean
  /**
   * Sets attributes; `null` forgets one. Without `at` they hold from the beginning of time.
   * @returns `false` if a change with its id was there already and nothing changed.
   * @throws {WayfareError} as {@link Profile.observe}.
   * @example
   * profile.set({ plan: 'gold' }, { at: '2026-03-01T09:30:00Z' })
   */
  set(attributes: Record<string, Value>, when?: { at?: Instant | null; id?: string | null }): boolean
  /**
   * What is true at an instant.
   * @throws {WayfareError} `invalid_argument` if the instant is before records that were folded away.
   */
  view(now: Instant): View
  /** The first move that will happen after `now` if no further record comes. */
  nextChange(now: Instant): NextChange | null
  /** What each element of each score contributes at an instant. */
  makeUp(now: Instant): Record<string, Contribution[]>
  /** The moves up to an instant, in order, each with its cause. */
  history(now: Instant): Transition[]
  /** The profile as bytes, to keep it. The same records always give the same bytes. */
  toBytes(): Buffer
}

/** Which instants a table is asked about: one, several, or an Arrow IPC table with the columns `customer` and `at`. */
export type AsOf = Instant | readonly Instant[] | Uint8Array | ArrayBuffer

/** How {@link Journey.run} and {@link Journey.transitions} go about it. */
export interface RunOptions {
  /** The instants asked about. */
  asOf: AsOf
  /** Attributes as Arrow IPC: `customer`, perhaps `at` and `id`, and a column an attribute. */
  customers?: Uint8Array | ArrayBuffer | null
  /** The IANA zone of timestamps that have none; without it they are refused. */
  naiveTimeZone?: string
  /** What becomes of bad rows: `raise` fails whole, `collect` leaves them out and hands them back beside the table. */
  onError?: 'raise' | 'collect'
  /** What becomes of columns that the journey does not know. */
  extraColumns?: 'refuse' | 'ignore'
  /** Stops the run; the promise is rejected with the signal's reason. */
  signal?: AbortSignal | null
  /** Called now and then with the rows done and the rows in all. An error that it throws stops the run and rejects the promise. */
  onProgress?: (done: number, all: number) => void
}

/** How {@link Journey.transitions} goes about it. */
export interface TransitionsOptions extends RunOptions {
  /** Adds the columns `rule` and `because`. */
  explain?: boolean
}

/** With `onError: 'collect'`: the answer, and the refused rows (`table, row, column, reason`), as Arrow IPC streams. */
export interface Collected {
  table: Buffer
  rejected: Buffer
}

/** A checked, compiled journey file. */
export class Journey {
  private constructor()
  /**
   * Reads a file: JSON if its name ends in `.json`, else YAML.
   * @throws {WayfareError} `invalid_journey`, with all problems in `diagnostics`.
   */
  static fromFile(path: string | URL): Journey
  /** As {@link Journey.fromFile}, from YAML text. */
  static fromYaml(text: string): Journey
  /** As {@link Journey.fromFile}, from JSON text. */
  static fromJson(text: string): Journey
  /** As {@link Journey.fromFile}, from a plain object; its diagnostics have no spans. */
  static fromObject(document: object): Journey
  /** One of the journeys that come with wayfare: see {@link templateNames}. */
  static template(name: string): Journey
  readonly name: string
  /** What the check warned of: the journey runs, but perhaps not as meant. */
  readonly warnings: readonly Diagnostic[]
  /** The names of the tracks, in file order. */
  readonly tracks: readonly string[]
  /** The names of the traits, in file order. */
  readonly traits: readonly string[]
  /** The names of the scores, in file order. */
  readonly scores: readonly string[]
  /** The names of the segments, in file order. */
  readonly segments: readonly string[]
  /** The fields that a touchpoint may have beside `customer`, `at` and `id`, with their types: the columns of a table. */
  readonly touchpointFields: Readonly<Record<string, ValueType>>
  /** The attributes that a customer may have, `time_zone` first. */
  readonly attributes: Readonly<Record<string, ValueType>>
  /** The stages of a track, in file order. */
  stages(track: string): readonly string[]
  /** The profile of a customer nothing is known of yet. */
  profile(customer: string): Profile
  /**
   * Takes a table of touchpoints through the journey: a row a customer, with a column a trait, score and segment, `<track>` and `<track>_since`, and
   * `next_change_at`. It runs off the event loop, on all cores.
   * @param touchpoints An uncompressed Arrow IPC stream or file, as `tableToIPC(table)` of apache-arrow gives, with the columns `customer`, `at`, `kind` and
   * whatever else the journey declares. The bytes are copied before the call returns.
   * @returns An Arrow IPC stream.
   * @throws {WayfareError} `invalid_table`, with the bad rows in `rows`.
   * @example
   * const answer = tableFromIPC(await journey.run(tableToIPC(touchpoints), { asOf: new Date() }))
   */
  run(touchpoints: Uint8Array | ArrayBuffer, options: RunOptions & { onError: 'collect' }): Promise<Collected>
  run(touchpoints: Uint8Array | ArrayBuffer, options: RunOptions & { onError?: 'raise' }): Promise<Buffer>
  run(touchpoints: Uint8Array | ArrayBuffer, options: RunOptions): Promise<Buffer | Collected>
  /** As {@link Journey.run}, with a row a transition: `customer, track, at, from, to, cause, record`. `asOf` is one instant. */
  transitions(touchpoints: Uint8Array | ArrayBuffer, options: TransitionsOptions & { onError: 'collect' }): Promise<Collected>
  transitions(touchpoints: Uint8Array | ArrayBuffer, options: TransitionsOptions & { onError?: 'raise' }): Promise<Buffer>
  transitions(touchpoints: Uint8Array | ArrayBuffer, options: TransitionsOptions): Promise<Buffer | Collected>
}

/** A place in the text of a journey file. */
export interface Span {
  /** First byte of the UTF-8 text. */
  start: number
  /** One past the last byte. */
  end: number
  /** Counted from 1. */
  line: number
  /** In characters, counted from 1. */
  column: number
}

/** One problem of a journey file. */
export class Diagnostic {
  private constructor()
  /** Stable name of the problem: `unknown_stage`, `type_mismatch` … */
  readonly code: string
  readonly severity: 'error' | 'warning'
  /** Where in the document: `tracks.relationship[2].from[0]`. */
  readonly path: string
  /** Where in the text, when the journey came as text. */
  readonly span: Span | null
  readonly message: string
  /** What to do about it. */
  readonly help: string | null
  /** The problem with its line of the source underlined. */
  render(source: string, file: string): string
}

/** One row of a table that was refused. */
export interface BadRow {
  table: 'touchpoints' | 'customers' | 'as_of'
  /** Counted from 0. */
  row: number
  column: string
  reason: string
}

/** What went wrong, to branch on. `internal` is a bug in wayfare. */
export type ErrorCode =
  | 'invalid_journey'
  | 'invalid_record'
  | 'too_late'
  | 'invalid_profile'
  | 'journey_mismatch'
  | 'invalid_table'
  | 'invalid_argument'
  | 'cancelled'
  | 'stale_view'
  | 'internal'

/** Every error of wayfare. None of them shows a customer's data. */
export class WayfareError extends Error {
  private constructor()
  readonly name: 'WayfareError'
  readonly code: ErrorCode
  /** What to do about it, where that can be said. */
  readonly help: string | null
  /** The field of the record that was refused. */
  readonly field: string | null
  /** The refused rows, where single rows of a table are at fault. */
  readonly rows: readonly BadRow[]
  /** All problems of the journey file, for `invalid_journey`. */
  readonly diagnostics: readonly Diagnostic[]
}

/** The names of the journeys that come with wayfare. */
export function templateNames(): string[]
/** The text of such a journey, to start a file from. */
export function templateText(name: string): string
/** The JSON Schema of the journey file. */
export function journeySchema(): object
/** Cut points that part a population into bands of equal size, to be written into an `rfm` score. */
export function rfmCuts(values: Float64Array | readonly number[], bands: number): number[]
