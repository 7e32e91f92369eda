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
  /** What an outbound touchpoint was for; its action's where it is not given. */
  purpose?: string | null
  /** The team that answered for it; its action's where it is not given. */
  owner?: string | null
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

/** What a customer says in a preference: `pending` counts as no until an `in` follows, `objected` is lifted only by an `in` that is at least as wide. */
export type Choice = 'in' | 'out' | 'pending' | 'objected'

/** What is known of a preference beside the choice. Where a channel, topic or purpose is not given, any is meant. */
export interface Word {
  /** When it was said. */
  at: Instant
  channel?: string | null
  topic?: string | null
  purpose?: string | null
  /** A second preference with the same id changes nothing. */
  id?: string | null
  /** Who recorded it. */
  source?: string | null
  /** What proves it. */
  evidence?: string | null
  /** From this instant on it is as if it were not there. */
  expires?: Instant | null
}

/** The customer's word at an instant. */
export interface Preference extends Word {
  choice: Choice
}

/** A preference as it was recorded. */
export interface PreferenceRecord {
  at: string
  choice: Choice
  id: string | null
  channel: string | null
  topic: string | null
  purpose: string | null
  source: string | null
  evidence: string | null
  expires: string | null
}

/** Whether there may be contact on a channel, for a purpose, perhaps about a topic; and which record says so. */
export interface Consent {
  channel: string
  purpose: string
  /** `null` for contact about nothing in particular. */
  topic: string | null
  allowed: boolean
  /** What decided. */
  because: 'required' | 'opted_in' | 'opted_out' | 'pending' | 'objected' | 'default_in' | 'default_out'
  /** The preference that decided, if one did. */
  record: PreferenceRecord | null
}

/** How {@link Profile.decide} goes about it. */
export interface DecideOptions {
  /** What the journey declares under `inputs`. What is not handed in is unknown. */
  inputs?: Readonly<Record<string, Value | undefined>> | null
  /** What is told of the moment: `channel`, `topic`, and what the journey declares under `context`. With a `channel` the customer is there and is answered. */
  context?: Readonly<Record<string, Value | undefined>> | null
  /** At most so many decisions, each of another action, as an array; the first is what is said without. */
  top?: number | null
}

/** What a priority is the product of: `propensity × value × weight × (1 + Σ add)`. */
export interface Factors {
  /** How probably it works. */
  readonly propensity: number
  /** What it is worth if it works; of an ask, what the answer could unlock. */
  readonly value: number
  /** What the business adds. */
  readonly weight: number
  /** The boosts that held. */
  readonly boosts: readonly { readonly name: string; readonly add: number }[]
}

/** The best candidate of another action. */
export interface RunnerUp {
  readonly action: string
  readonly channel: string
  readonly priority: number
}

/** An action on a channel, and what became of it. */
export interface Candidate {
  readonly action: string
  readonly channel: string
  readonly topic: string | null
  /** The team that answers for it. */
  readonly owner: string | null
  readonly purpose: string | null
  /** `null` if it is not eligible, or a factor is unknown. */
  readonly priority: number | null
  /** Where it was stopped; `null` for the one that was chosen. */
  readonly gate: 'eligibility' | 'preference' | 'policy' | 'holdout' | 'arbitration' | null
  /** Why, as the reference lists it. */
  readonly reason: string | null
  /** Why, in words. */
  readonly because: string
  /** The rule that stopped it, if one did. */
  readonly rule: string | null
  /** What the rule's operands were, called as rules call them: `orders`, `input.p_click`, `context.intent`. */
  readonly operands: Readonly<Record<string, Value>>
  /** What would have to change for it to pass that gate. */
  readonly would_change: string | null
  /** The first instant at which it may go, if nothing but time forbids it. */
  readonly not_before: string | null
}

/**
 * What to say to a customer at an instant, or nothing; and why. It sends nothing: it says what may be sent.
 *
 * It does not change when the profile does. Whatever is not the choice itself is worked out when it is read.
 */
export class Decision {
  private constructor()
  /** The instant. */
  readonly at: string
  /** What to say; `null` if there is nothing to say. It may be sent only if {@link Decision.maySend} is true. */
  readonly action: string | null
  /** By which channel. */
  readonly channel: string | null
  /** About what. */
  readonly topic: string | null
  /** The team that answers for it. */
  readonly owner: string | null
  /** For what. */
  readonly purpose: string | null
  /** The question, if the action asks one. */
  readonly question: string | null
  /** The answers that the question offers; none are offered where any text may be the answer. */
  readonly answers: readonly string[] | null
  /** How much it is worth to say it. */
  readonly priority: number | null
  /** What the priority is the product of. */
  readonly factors: Factors | null
  /** The first instant at which it may go, if that is not now. */
  readonly notBefore: string | null
  /** Whether it is told only as what would have been said: the customer is left alone, to measure against. */
  readonly heldOut: boolean
  /** Whether there is something to say, and it may be said now. */
  readonly maySend: boolean
  /** The best other thing that could have been said. */
  readonly runnerUp: RunnerUp | null
  /** By how much the decision beats the runner-up. */
  readonly margin: number | null
  /** Every action on every channel, in file order, with the gate that stopped it. */
  readonly candidates: readonly Candidate[]
  /** The reason in one line. */
  readonly because: string
  /** All reasons in plain English. */
  explain(): string
  /** The candidates in the order of their priority, and their gates, as a picture that stands alone. */
  toSvg(): string
  /**
   * The touchpoint that says that it was said, for {@link Profile.observe}, with what came of it if that is known.
   * @throws {WayfareError} `invalid_argument` if nothing may be sent now, or the journey does not say which kind of touchpoint it is.
   */
  touchpoint(outcome?: string | null): Touchpoint
  /** All of it as a plain object. */
  toJSON(): DecisionDocument
}

/** A decision as a plain object. */
export interface DecisionDocument {
  at: string
  action: string | null
  channel: string | null
  topic: string | null
  owner: string | null
  purpose: string | null
  question: string | null
  answers: string[] | null
  priority: number | null
  factors: Factors | null
  not_before: string | null
  held_out: boolean
  may_send: boolean
  runner_up: RunnerUp | null
  margin: number | null
  because: string
  candidates: Candidate[]
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
   * Takes in a preference, the customer's word. It may come late by any time.
   * @returns `false` if one with its id was there already and nothing changed.
   * @throws {WayfareError} `invalid_record` if it does not fit the journey. The profile is unchanged then.
   * @example
   * profile.prefer({ choice: 'in', at: new Date(), channel: 'email', purpose: 'marketing', source: 'web form' })
   */
  prefer(preference: Preference): boolean
  /** Takes in a no to everything. */
  unsubscribeAll(at: Instant): boolean
  /** Takes in a no to a channel: what one click on "unsubscribe" says. */
  unsubscribe(channel: string, at: Instant): boolean
  /** Takes in the first half of a double opt-in: it counts once it is confirmed. */
  request(word: Word): boolean
  /** Takes in the second half of a double opt-in. */
  confirm(word: Word): boolean
  /** Takes in an objection, a complaint, a spam report. */
  object(word: Word): boolean
  /** Takes in a Global Privacy Control signal: a no to each purpose that the journey says it is about. */
  globalPrivacyControl(at: Instant): void
  /**
   * Takes in the answer to an ask: an attribute, or the preferences that the chosen answer expresses.
   * @throws {WayfareError} `invalid_argument` if the journey has no such ask or the ask no such answer, else as {@link Profile.set} and {@link Profile.prefer}.
   */
  answer(ask: string, answer: Value, at: Instant): boolean
  /** For every channel and purpose, and every topic that the customer ever named: may we, at that instant? */
  consents(at: Instant): Consent[]
  /** The consents as a picture that stands alone: a row a channel, a column a purpose. */
  consentsSvg(at: Instant): string
  /**
   * The one relevant thing to say now, or nothing; with `top` the first few that may go together.
   * @throws {WayfareError} `invalid_argument` if an input is not declared or of the wrong type.
   * @example
   * const decision = profile.decide(new Date(), { inputs: { p_click: 0.2 } })
   * if (decision.maySend) profile.observe(decision.touchpoint())
   */
  decide(now: Instant, options?: DecideOptions & { top?: null }): Decision
  decide(now: Instant, options: DecideOptions & { top: number }): Decision[]
  decide(now: Instant, options: DecideOptions): Decision | Decision[]
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
  /**
   * Takes in another profile's records: afterwards this one is, to the last bit, the profile of the records of both. A record with an id that both have
   * counts once; the customer stays the one that it was.
   * @throws {WayfareError} `too_late` unless one of the two has not folded away anything yet, and all its records come after what the other one has
   * folded away; `journey_mismatch` if they are of different journeys. The profile is unchanged then.
   */
  merge(other: Profile): void
  /** The profile as bytes, to keep it. The same records always give the same bytes. */
  toBytes(): Buffer
}

/** The rules of an {@link IdentityGraph}. */
export interface IdentityRules {
  /** The kinds of identifiers; the first has the highest priority. */
  identifiers: Record<string, { limit?: string | number; blocked?: readonly string[]; normalize?: readonly ('trim' | 'lowercase')[] }>
  /** Values that no kind may have. */
  blocked?: readonly string[]
}

/** Identifiers that were seen together. */
export interface IdentityRecord {
  at: Instant
  /** By it the record can be taken out again, and a second record with it changes nothing. */
  id?: string | null
  /** Kinds and values; of one kind there may be several. */
  identifiers: Record<string, string | readonly string[] | null | undefined>
}

/** What became of persons that were there, by their ids. */
export interface IdentityChanges {
  merged: { from: string; into: string }[]
  split: { from: string; into: string[] }[]
  renamed: { from: string; into: string }[]
  gone: string[]
}

/** What linking a record did. */
export interface Linked extends IdentityChanges {
  outcome: 'new' | 'joined' | 'merged' | 'nobody' | 'duplicate'
  person: string | null
  /** The identifiers of the record that do not count, and why. */
  dropped: ({ kind: string; value: string } & ({ reason: 'blocked' } | { reason: 'limit'; of: string; limit: string }))[]
}

/** What taking a record out did. */
export interface Unlinked extends IdentityChanges {
  person: string | null
}

/** What became of the rows of a table of identifiers. */
export interface ResolveReport {
  rows: number
  refused: number
  records: number
  duplicates: number
  nobody: number
  blocked: number
  dropped: number
  identifiers: number
  persons: number
}

/** How a table of identifiers is read. */
export interface ResolveOptions {
  /** Columns and the kind of identifier that each holds, where they are not called after their kinds. */
  columns?: Record<string, string>
  naiveTimeZone?: string
  onError?: 'raise' | 'collect'
  extraColumns?: 'refuse' | 'ignore'
}

/**
 * Who is who: persons made of the identifiers that records saw together. It is a function of the set of its records and its rules: the order in which
 * records come does not matter. A person's id is the identifier of theirs that was seen first, as `kind:value`.
 */
export class IdentityGraph {
  /**
   * A graph without records. Rules are an object or YAML text.
   * @throws {WayfareError} `invalid_rules` with every problem in `diagnostics`.
   */
  constructor(rules: IdentityRules | string)
  /**
   * A graph from the bytes that {@link IdentityGraph.toBytes} gave.
   * @throws {WayfareError} `invalid_identity` if they are something else or were damaged.
   */
  static fromBytes(bytes: Uint8Array | ArrayBuffer): IdentityGraph
  /**
   * Takes in a record, and says what it did.
   * @throws {WayfareError} `invalid_record`; nothing changes then.
   */
  link(record: IdentityRecord): Linked
  /**
   * Takes the record with an id out again: afterwards the graph is as if it had never been linked.
   * @throws {WayfareError} `invalid_argument` if no record has the id.
   */
  unlink(id: string): Unlinked
  /** The id of the person that an identifier belongs to; `null` if the graph does not know it. */
  person(kind: string, value: string): string | null
  /** The identifiers of a person. */
  members(person: string): { kind: string; value: string; first_seen: string }[]
  /** The records that connect two identifiers, each a kind and a value: the shortest chain; `null` if they are not of one person. */
  evidence(one: readonly [string, string], other: readonly [string, string]): { id: string | null; at: string; from: [string, string]; to: [string, string] }[] | null
  /** Every identifier that belongs to a person: `kind`, `identifier`, `person`, as Arrow IPC. */
  persons(): Buffer
  /**
   * The persons of the graph's records and those of a table together; the graph stays as it is. A row is a record: a column a kind of identifier, called
   * after it, and where there are such `at` and `id`.
   */
  resolve(table: ArrowIpc, options?: ResolveOptions): Promise<{ persons: Buffer; report: ResolveReport; rejected: Buffer }>
  /** Links every row of a table as a record; `at` has to be among its columns. */
  linkTable(table: ArrowIpc, options: ResolveOptions & { onError: 'collect' }): { report: ResolveReport; rejected: Buffer }
  linkTable(table: ArrowIpc, options?: ResolveOptions): ResolveReport
  /** The same records under other rules. Values stay as the rules so far normalized them. */
  withRules(rules: IdentityRules | string): IdentityGraph
  /** The rules as a document. */
  readonly rules: IdentityRules
  /** How many records it has. */
  readonly size: number
  /** The graph as bytes, to keep it. The same records always give the same bytes. */
  toBytes(): Buffer
}

/** Which instants a table is asked about: one, several, or an Arrow IPC table with the columns `customer` and `at`. */
export type AsOf = Instant | readonly Instant[] | Uint8Array | ArrayBuffer

/** A table as Arrow IPC. */
export type ArrowIpc = Uint8Array | ArrayBuffer

/** How every question about tables is gone about. */
export interface TableOptions {
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

/** How {@link Journey.run} goes about it. */
export interface RunOptions extends TableOptions {
  /** The instants asked about. */
  asOf: AsOf
  /** What customers allow: `customer`, `at`, `choice`, and where there are such `id`, `channel`, `topic`, `purpose`, `source`, `evidence`, `expires`. */
  preferences?: ArrowIpc | null
  /** Attributes: `customer`, perhaps `at` and `id`, and a column an attribute. */
  customers?: ArrowIpc | null
  /**
   * Says who the rows of all tables are about, with `run`, `transitions` and `decide`: they have columns of identifiers, called after its kinds, in place
   * of `customer`, and the result is by person.
   */
  identity?: IdentityGraph | null
}

/** How {@link Journey.transitions} goes about it. */
export interface TransitionsOptions extends RunOptions {
  /** Adds the columns `rule` and `because`. */
  explain?: boolean
}

/** How {@link Journey.reach} goes about it. */
export interface ReachOptions extends Omit<RunOptions, 'identity'> {
  /** What the journey declares under `inputs`: `customer` and a column an input, one row a customer. What is not handed in is unknown. */
  inputs?: ArrowIpc | null
}

/** How {@link Journey.decide} goes about it. */
export interface DecideTableOptions extends ReachOptions {
  /** A row a candidate, with what stopped it. */
  explain?: boolean
  /** As with `run`. */
  identity?: IdentityGraph | null
}

/** How {@link Journey.ledger} goes about it. */
export interface LedgerOptions extends TableOptions {
  /** The instants asked about. */
  asOf: AsOf
}

/** How {@link Journey.compare} goes about it: with `asOf`, or with `over`, which is the same. */
export type CompareOptions = Omit<ReachOptions, 'asOf'> & ({ asOf: AsOf; over?: undefined } | { asOf?: undefined; over: readonly Instant[] })

/** How {@link Journey.grid} goes about it. */
export interface GridOptions extends TableOptions {
  /** The instant up to which it is filled. */
  asOf: Instant
  /** Attributes: `customer`, perhaps `at` and `id`, and a column an attribute. */
  customers?: ArrowIpc | null
  /** The kinds of touchpoint that are conversions. */
  conversions?: readonly string[] | null
}

/** Whom an action reaches: how many customers each gate stopped, in the order of the gates. */
export interface ActionReach {
  action: string
  eligibility: number
  preference: number
  policy: number
  holdout: number
  arbitration: number
  /** Chosen, and may be sent. */
  chosen: number
  /** The same by reason. */
  reasons: Record<string, number>
}

/** Whom the actions of a journey reach, as a plain object. */
export interface ReachDocument {
  /** Customers, or customers and instants if several were asked about. */
  customers: number
  /** For whom something may be sent. */
  addressed: number
  /** Who would be addressed, were they not held out. */
  held_out: number
  /** For whom something may be sent later, if nothing changes. */
  waiting: number
  /** For whom there is nothing to say. */
  unaddressed: number
  /** In file order. */
  actions: ActionReach[]
  /** In file order; `may_use` counts the customers who allow contact on it for some purpose that is not required. */
  channels: { channel: string; may_use: number }[]
}

export interface Reach extends Readonly<ReachDocument> {}
/** Whom the actions of a journey reach, and which gate stops the others. */
export class Reach {
  private constructor()
  /** A plain table: a line an action, a column a gate. */
  toText(): string
  /** The decision funnel as a picture that stands alone. */
  toSvg(): string
  /** All of it as a plain object. */
  toJSON(): ReachDocument
}

/** What the decisions of one file come to. */
export interface Contacts {
  /** May be sent. */
  sent: number
  /** Wait for a cap. */
  capped: number
  /** Stopped by a veto. */
  vetoed: number
  held_out: number
  /** The sum of the priorities of what may be sent. */
  value: number
}

/** Decisions that differ in the same way. */
export interface DecisionChange {
  /** What the one file says; `null` for nothing. */
  action_before: string | null
  channel_before: string | null
  /** `first` if it may be sent, else what stopped it. */
  because_before: string
  /** What the other says. */
  action_after: string | null
  channel_after: string | null
  because_after: string
  customers: number
}

/** A comparison as a plain object. */
export interface ComparisonDocument {
  /** Customers, or customers and instants if several were asked about. */
  customers: number
  /** Customers by stage, on the tracks that both files have. */
  stages: { track: string; stage: string; before: number; after: number }[]
  /** Customers who stand elsewhere: in stage `from` under the one file, `to` under the other. */
  moves: { track: string; from: string; to: string; customers: number }[]
  /** The commonest first. */
  changes: DecisionChange[]
  before: Contacts
  after: Contacts
}

export interface Comparison extends Readonly<ComparisonDocument> {}
/** The same past under two journey files. */
export class Comparison {
  private constructor()
  /**
   * A row a customer and instant whose decision differs, as an Arrow IPC stream: `customer`, `as_of` unless there is one instant only, and the columns of
   * {@link DecisionChange} but the last.
   */
  readonly differences: Buffer
  /** Whether the two files say the same of everybody. */
  readonly isEmpty: boolean
  /** The comparison in a few lines. */
  toText(): string
  /** Stages and contacts before and after as a picture that stands alone. */
  toSvg(): string
  /** All of it but `differences` as a plain object. */
  toJSON(): ComparisonDocument
}

/** Something that a journey file lacks, or has for nothing. */
export interface Gap {
  /** Stable name of the gap: `unowned_cell`, `unreachable_action` … */
  code: string
  /** Where in the document. */
  path: string
  message: string
  help?: string
}

/** The data that rules read, directly and through one another. */
export interface DataNeeded {
  traits: string[]
  scores: string[]
  segments: string[]
  inputs: string[]
  context: string[]
  /** The kinds of touchpoint that these are computed from. */
  kinds: string[]
  /** The attributes that they are computed from. */
  attributes: string[]
}

/** What happened in a stage, or in one cell of it; only in a filled grid. */
export interface Figures {
  /** Who stand in the stage now; of a cell, those of them who in that stage had a touchpoint on the channel. */
  customers?: number
  touchpoints?: number
  conversions?: number
  /** Of the conversions. */
  value?: number
}

/** One stage on one channel. */
export interface GridCell extends Figures {
  channel: string
  /** The team that answers for it. */
  owner: string | null
  /** The actions that may be said there, in file order. */
  actions: string[]
  kinds: string[]
  data: DataNeeded
}

/** One stage of a grid: a row. */
export interface GridStage extends Figures {
  stage: string
  /** The rule for entering it. */
  rule?: string
  data: DataNeeded
  cells: GridCell[]
}

/** A grid as a plain object. */
export interface GridDocument {
  /** The journey's name. */
  journey: string
  /** The instant that it was filled for. */
  as_of?: string
  conversions?: string[]
  channels: string[]
  kinds: string[]
  tracks: { track: string; stages: GridStage[] }[]
  gaps: Gap[]
}

/** The experience grid: per track, stage and channel, who answers and what may be said. */
export class Grid {
  private constructor()
  /** What is missing, or there for nothing. */
  readonly gaps: Gap[]
  /**
   * The grid of one track alone.
   * @throws {WayfareError} `invalid_argument` if there is no such track.
   */
  only(track: string): Grid
  /** A plain table, and the gaps. */
  toText(): string
  /** One page of HTML that stands alone: nothing is loaded, nothing runs. */
  toHtml(): string
  /** A picture that stands alone. */
  toSvg(): string
  /** A row a cell, as an Arrow IPC stream. */
  toTable(): Buffer
  /** All of it as a plain object. */
  toJSON(): GridDocument
}

/** A diagram as a plain object. */
export interface DiagramDocument {
  /** The journey's name. */
  journey: string
  tracks: {
    track: string
    /** `while`: it is left by itself when its rule no longer holds. */
    stages: { stage: string; while: boolean }[]
    /** By the places of the stages; without a `rule` it is a fall to the first stage. */
    transitions: { from: number; to: number; rule: string | null }[]
  }[]
}

/** The tracks of a journey as a diagram. */
export class Diagram {
  private constructor()
  /** The diagram as Mermaid writes one. */
  toMermaid(): string
  /** A picture that stands alone. */
  toSvg(): string
  /** All of it as a plain object. */
  toJSON(): DiagramDocument
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
  /**
   * The one relevant thing to say to every customer of a table, or nothing: a row a customer, with `customer`, `as_of` unless there is one instant only,
   * `action`, `channel`, `topic`, `owner`, `priority`, `not_before`, `held_out` and `because`: `first` if the action may be sent, else the reason that stops
   * it. With `explain` a row a candidate, with `purpose`, `gate` and `reason` as well.
   * @example
   * const decisions = tableFromIPC(await journey.decide(touchpoints, { preferences, inputs, asOf: new Date() }))
   */
  decide(touchpoints: ArrowIpc, options: DecideTableOptions & { onError: 'collect' }): Promise<Collected>
  decide(touchpoints: ArrowIpc, options: DecideTableOptions & { onError?: 'raise' }): Promise<Buffer>
  decide(touchpoints: ArrowIpc, options: DecideTableOptions): Promise<Buffer | Collected>
  /**
   * Whether there may be contact: a row a customer, channel, purpose, and topic that the customer ever named, with `allowed`, `because`, and of the preference
   * that decided `record_at` and `choice`.
   */
  ledger(preferences: ArrowIpc, options: LedgerOptions & { onError: 'collect' }): Promise<Collected>
  ledger(preferences: ArrowIpc, options: LedgerOptions & { onError?: 'raise' }): Promise<Buffer>
  ledger(preferences: ArrowIpc, options: LedgerOptions): Promise<Buffer | Collected>
  /** Whom each action reaches, and how many customers each gate stops. */
  reach(touchpoints: ArrowIpc, options: ReachOptions & { onError: 'collect' }): Promise<{ reach: Reach; rejected: Buffer }>
  reach(touchpoints: ArrowIpc, options: ReachOptions & { onError?: 'raise' }): Promise<Reach>
  reach(touchpoints: ArrowIpc, options: ReachOptions): Promise<Reach | { reach: Reach; rejected: Buffer }>
  /**
   * The same past under this file and another: who stands elsewhere, whose decision differs, what is sent.
   * @throws {WayfareError} `invalid_table` also if the two files accept different rows.
   */
  compare(other: Journey, touchpoints: ArrowIpc, options: CompareOptions & { onError: 'collect' }): Promise<{ comparison: Comparison; rejected: Buffer }>
  compare(other: Journey, touchpoints: ArrowIpc, options: CompareOptions & { onError?: 'raise' }): Promise<Comparison>
  compare(other: Journey, touchpoints: ArrowIpc, options: CompareOptions): Promise<Comparison | { comparison: Comparison; rejected: Buffer }>
  /** {@link paths} with the owners and, with a `track`, the stages of this journey. */
  paths(touchpoints: ArrowIpc, options: Omit<PathsOptions, 'journey'> & { onError: 'collect' }): Promise<{ paths: Paths; rejected: Buffer }>
  paths(touchpoints: ArrowIpc, options?: Omit<PathsOptions, 'journey'>): Promise<Paths>
  /** The experience grid as the file has it; with touchpoints a promise of it, filled with what happened up to an instant. */
  grid(): Grid
  grid(touchpoints: ArrowIpc, options: GridOptions & { onError: 'collect' }): Promise<{ grid: Grid; rejected: Buffer }>
  grid(touchpoints: ArrowIpc, options: GridOptions & { onError?: 'raise' }): Promise<Grid>
  grid(touchpoints: ArrowIpc, options: GridOptions): Promise<Grid | { grid: Grid; rejected: Buffer }>
  /** The tracks as a diagram. */
  diagram(): Diagram
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
  table: 'touchpoints' | 'customers' | 'as_of' | 'preferences' | 'inputs' | 'identifiers'
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
  | 'not_fitted'
  | 'invalid_rules'
  | 'invalid_identity'
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
  /** How a fit ended, for `not_fitted`: `status` is `boundary`, `ridge`, `flat` or `too_little_data`, and the other keys name the parameters. */
  readonly status: { readonly status: string; readonly [key: string]: unknown } | null
  /** All problems of the journey file, for `invalid_journey`, or of the rules, for `invalid_rules`; the latter are plain, without `render`. */
  readonly diagnostics: readonly Diagnostic[]
}

/** The names of the journeys that come with wayfare. */
export function templateNames(): string[]
/** The text of such a journey, to start a file from. */
export function templateText(name: string): string
/** The JSON Schema of the journey file. */
export function journeySchema(): object
/**
 * Whether a customer is held out: whether their bucket, a published hash of `salt` and id, is less than `share`. The algorithm is `sha256` unless given.
 * @throws {WayfareError} `invalid_argument` unless `share` is from 0 to 1.
 */
export function holdout(customer: string, salt: string, share: number, algorithm?: 'sha256' | 'growthbook_v2' | 'unleash' | null): boolean
/** Cut points that part a population into bands of equal size, to be written into an `rfm` score. */
export function rfmCuts(values: Float64Array | readonly number[], bands: number): number[]

/** How {@link paths} cuts touchpoints. */
export interface PathsOptions {
  /** The kinds of touchpoint that are conversions. */
  conversion?: string | readonly string[] | null
  /** The kinds that may earn credit; all others than conversions unless it is said. */
  touchpoints?: string | readonly string[] | null
  /** How far before a conversion its path begins, the boundary included: `'30d'`, or by kind of conversion. */
  lookback?: string | Readonly<Record<string, string>> | null
  /** What a second conversion sees: what came after the one before (`restart`, the default), its whole lookback, or it does not count. */
  repeat?: 'restart' | 'all' | 'first' | null
  /** What the elements of paths are; touchpoints unless it is said. */
  unit?: 'touchpoint' | 'session' | null
  /** A pause longer than this begins a session; 30 minutes unless it is said. */
  sessionGap?: string | null
  /** Sessions are calendar days in `timeZone`. */
  session?: 'day' | null
  /** Until when touchpoints were observed: an instant, or a date (its whole day). Later rows are left aside. */
  observedUntil?: Instant | null
  /** The zone of days, and of times without one; UTC unless it is said. */
  timeZone?: string | null
  /** Further columns of text by which touchpoints are told apart. */
  dimensions?: readonly string[] | null
  /** A journey that knows owners and stages. */
  journey?: Journey | null
  /** The track whose stages are the dimension `stage`. */
  track?: string | null
  /** Attributes for the stages, as in {@link Journey.run}. */
  customers?: ArrowIpc | null
  customer?: string | null
  at?: string | null
  kind?: string | null
  channel?: string | null
  value?: string | null
  onError?: 'raise' | 'collect' | null
}

/** What became of the rows of a table that was cut into paths. */
export interface PathsReport {
  rows: number
  rejected: number
  after_observation: number
  duplicates: number
  customers: number
  sessions: number
  touchpoints: number
  of_other_kinds: number
  conversions: number
  without_value: number
  without_touchpoints: number
  later_conversions: number
  touchpoints_after_first: number
  nulls: number
  absent_kinds: string[]
}

/**
 * Cuts a table of touchpoints (`customer`, `at`, `kind`, and where there are such `channel`, `id`, `value`, `action`, `owner`, `stage`) into paths to
 * conversion, and those that did not convert.
 * @throws {WayfareError} `invalid_table`, with the bad rows in `rows`.
 */
export function paths(touchpoints: ArrowIpc, options: PathsOptions & { onError: 'collect' }): Promise<{ paths: Paths; rejected: Buffer }>
export function paths(touchpoints: ArrowIpc, options?: PathsOptions): Promise<Paths>

/** Paths of customers, from {@link paths} or {@link Paths.fromStrings}. */
export class Paths {
  private constructor()
  /**
   * Paths as texts, `'email > search'`, each with its conversions, their value, and how often it led to none.
   * @throws {WayfareError} `invalid_argument`, `invalid_table`
   */
  static fromStrings(paths: {
    path: Iterable<string>
    conversions: Iterable<number | bigint>
    value?: Iterable<number> | null
    nulls?: Iterable<number | bigint> | null
    separator?: string | null
  }): Paths
  /** How many there are. */
  readonly length: number
  /** What became of the rows. */
  readonly report: PathsReport
  /** What is known of every touchpoint: `channel`, `kind` … */
  readonly dimensions: string[]
  /**
   * These and those of other pieces, the same as of one table, whatever the order of the pieces.
   * @throws {WayfareError} `invalid_argument` if a customer is in two pieces, or they were not made alike.
   */
  merge(...others: Paths[]): Paths
  /** A row a path: customer, number, path, touchpoints, when it began and ended, conversions, value, nulls. */
  toTable(options?: { by?: string | null; separator?: string | null }): Promise<Buffer>
  /** A row a session: customer, session, when it began and ended, touchpoints, first and last, converted, value. */
  sessions(options?: { by?: string | null }): Promise<Buffer>
  /**
   * How far customers get through steps: of each the chain counts that reaches furthest, whatever it starts from.
   * @throws {WayfareError} `invalid_argument`
   */
  funnel(steps: readonly FunnelStep[], options?: FunnelOptions): Promise<Funnel>
  /** How far each customer got: customer, steps, step, first_at, last_at. */
  funnelCustomers(steps: readonly FunnelStep[], options?: FunnelOptions): Promise<Buffer>
  /** How often paths go from one word to another, from their start, to a conversion or an end without one. */
  transitionMatrix(options?: { by?: string | null }): Promise<TransitionMatrix>
  /** How long customers stay with each word of `by`, the stage unless it is said; what is not over is censored. */
  timeInStage(options?: StageTimeOptions & { by?: string | null; observedUntil?: Instant | null }): Promise<StageTimes>
  /** The paths gone most often: path, paths, conversions, nulls, value, conversion_rate. */
  top(options?: { n?: number | null; by?: string | null; separator?: string | null }): Promise<Buffer>
  /** Where people leave: the last touchpoints of paths that did not convert, with exits, touchpoints and rates. */
  exits(options?: { by?: string | null }): Promise<Buffer>
  /** Which activity comes directly after which: the graph that process mining starts from. */
  directlyFollows(options?: { by?: string | null; per?: 'customer' | 'path' | null }): Promise<DirectlyFollows>
  /** The first steps of all paths; the `most` frequent words apart at each. */
  flow(options?: { steps?: number | null; by?: string | null; most?: number | null }): Promise<Flow>
}

/** What serves a step of a funnel: a word, one of several, or words by dimension that must all fit. */
export type FunnelStep = string | readonly string[] | Readonly<Record<string, string | readonly string[]>>

/** What a funnel from raw rows takes as well. */
export interface StepOptions {
  /** The most that may lie between the first step and any other, the boundary included: `30m`. */
  within?: string | null
  /** The dimension whose words steps are, `kind` unless it is said. */
  by?: string | null
  /** Touchpoints that end a chain. */
  exclude?: readonly FunnelStep[] | null
  /** Whether each step must be later than the one before. */
  strictIncrease?: boolean | null
}

/** How chains are made. */
export interface FunnelOptions extends StepOptions {
  /** Whether any touchpoint that is not the next step ends a chain. */
  strictOrder?: boolean | null
  /** Whether one that repeats a step does. */
  strictDeduplication?: boolean | null
  /** Whether touchpoints of one instant count in any order, or by their ids. */
  sameInstant?: 'any' | 'in_order' | null
  per?: 'customer' | 'path' | null
}

/** Which columns raw rows have. */
export interface FunnelRowsOptions extends StepOptions {
  customer?: string | null
  at?: string | null
  /** The zone of times without one; UTC unless it is said. */
  timeZone?: string | null
  onError?: 'raise' | 'collect' | null
}

/** How time in stages is read. */
export interface StageTimeOptions {
  timeZone?: string | null
  /** Up to where the mean goes. */
  restrictedToDays?: number | null
}

/**
 * How far customers get through steps, from raw rows: those of other kinds are left aside at once.
 * @throws {WayfareError} `invalid_argument` for what needs other rows than those of the steps; `invalid_table`.
 */
export function funnel(
  touchpoints: ArrowIpc,
  steps: readonly FunnelStep[],
  options: FunnelRowsOptions & { onError: 'collect' },
): Promise<{ funnel: Funnel; rejected: Buffer }>
export function funnel(touchpoints: ArrowIpc, steps: readonly FunnelStep[], options?: FunnelRowsOptions): Promise<Funnel>

/** How long customers stay in each stage, from the table of {@link Journey.transitions} and its `asOf`. */
export function timeInStage(transitions: ArrowIpc, options: StageTimeOptions & { observedUntil: Instant }): Promise<StageTimes>

/** How far customers got through steps. */
export class Funnel {
  private constructor()
  /** A row a step: step, customers, share_of_first, share_of_before, median_days_from_before, median_days_from_first. */
  toTable(): Buffer
  /** Where customers left, and what they did next: step, next (null for nothing), customers, share. */
  dropOuts(): Buffer
  /** A picture that stands alone. */
  toSvg(): string
}

/** How often paths went from one word to another. */
export class TransitionMatrix {
  private constructor()
  /** A row a transition: from, to, count, probability. */
  toTable(): Buffer
  toSvg(): string
  /** The counts of these and of other pieces. */
  merge(...others: TransitionMatrix[]): TransitionMatrix
  /** These counts without those of a part of them. */
  subtract(other: TransitionMatrix): TransitionMatrix
}

/** The first steps of all paths. */
export class Flow {
  private constructor()
  /** A row a band: step, from, to, paths. */
  toTable(): Buffer
  toSvg(): string
}

/** How long customers stay. */
export class StageTimes {
  private constructor()
  /** A row a stage: how often it was entered and left, quartiles of the time in it, and its restricted mean. */
  toTable(): Buffer
  /** The Kaplan-Meier curve of each stage: days, at_risk, left, censored, staying, lower and upper (of 95 %). */
  curve(): Buffer
}

/** Which activity comes directly after which. */
export class DirectlyFollows {
  private constructor()
  /** A row a pair: from, to, count. `(start)` and `(end)` stand for the ends of cases. */
  toTable(): Buffer
  toObject(): { edges: [string, string, number][]; startActivities: Record<string, number>; endActivities: Record<string, number> }
  merge(...others: DirectlyFollows[]): DirectlyFollows
}

/**
 * What a customer is worth: purchases summed up, the models of the literature fitted to them, and what they predict.
 *
 * Tables go in and come out as Arrow IPC. Times of customers are in periods of the model, a week unless it is said otherwise; how far ahead a prediction
 * looks is always in `days`.
 */
export namespace lifetime {
  /** The unit of times: a word, or a number of days. */
  type Period = 'day' | 'week' | 'month' | 'year' | number

  /** What becomes of values of zero or less. */
  type Returns = 'refuse' | 'drop' | 'net_within_day' | 'keep'

  interface PurchaseOptions {
    /** Until when purchases were observed: an instant, or a date (its whole day) or a time without a zone, in `timeZone`. */
    observedUntil: Instant
    /** Where the calibration ends and the holdout begins. */
    calibrationUntil?: Instant | null
    /** The zone in which days are counted, and which times without a zone are of; UTC unless it is said. */
    timeZone?: string | null
    returns?: Returns | null
    /** The kinds that are purchases, where the table has touchpoints of other kinds too. */
    of?: string | readonly string[] | null
    /** The column of the customer; `customer` unless it is said. */
    customer?: string | null
    /** The column of the instant; `at` unless it is said. */
    at?: string | null
    /** The column of the value; `value`, if there is one, unless it is said. */
    value?: string | null
  }

  interface SummaryOptions extends PurchaseOptions {
    period?: Period | null
    onError?: 'raise' | 'collect' | null
  }

  /**
   * Sums up purchases by customer: `customer`, `frequency`, `recency`, `age`, `monetary_value` if there are values, and with a calibration
   * `holdout_frequency`, `holdout_days`, `holdout_monetary_value`.
   * @throws {WayfareError} `invalid_table`, with the bad rows in `rows`.
   */
  function summary(transactions: Uint8Array, options: SummaryOptions & { onError: 'collect' }): Promise<{ table: Buffer; rejected: Buffer }>
  function summary(transactions: Uint8Array, options: SummaryOptions): Promise<Buffer>

  /** One customer, with times in the model's period. */
  interface Customer {
    /** Days with a repeat purchase. */
    frequency: number
    /** From the first purchase to the last. */
    recency?: number
    /** From the first purchase to the end of the observation. */
    age?: number
    /** The mean value of the repeat purchases. */
    monetary_value?: number
  }

  /** A prediction with its interval, of the expectation and not of what one customer will do. */
  interface Interval {
    estimate: number
    standard_error: number
    lower: number
    upper: number
  }

  interface IntervalOptions {
    /** With an interval of this level. */
    interval?: number | null
    /** The interval by so many draws of the parameters, in place of the delta method. */
    draws?: number | null
    seed?: number | null
  }

  interface AheadOptions extends IntervalOptions {
    /** How many days ahead. */
    days?: number | null
    /** How many periods ahead, in place of `days`. */
    periods?: number | null
  }

  interface ValueOptions extends AheadOptions {
    /** A fitted `GammaGamma`. */
    spend?: FittedModel
    /** The discount per 30 days; 0.01 unless it is said. */
    discount?: number | null
    /** The part of the spend that is kept; 1 unless it is said. */
    margin?: number | null
  }

  /** A model with its parameters: it predicts, one customer at once, a table off the event loop. */
  class FittedModel {
    private constructor()
    /** From a document of {@link FittedModel.toObject}. */
    static fromObject(document: object): FittedModel
    /** `bg_nbd` … */
    readonly model: string
    /** By the literature's names. */
    readonly params: Record<string, number>
    readonly periodDays: number
    /** `null` if the parameters were given. */
    readonly standardErrors: Record<string, number> | null
    readonly logLikelihood: number | null
    readonly aic: number | null
    readonly bic: number | null
    readonly customers: number | null
    /** `converged`, or `null` if the parameters were given. */
    readonly status: string | null
    readonly report: object | null
    /** `[lower, upper]` by parameter. */
    confidenceIntervals(level?: number): Record<string, [number, number]>
    /** Every prediction of every customer, beside the column `customer`. */
    predict(summary: Uint8Array, options?: ValueOptions): Promise<Buffer>
    probabilityAlive(customer: Customer, options: IntervalOptions & { interval: number }): Interval
    probabilityAlive(customer: Customer, options?: IntervalOptions): number
    probabilityAlive(summary: Uint8Array, options?: IntervalOptions): Promise<Buffer>
    conditionalExpectedTransactions(customer: Customer, options: AheadOptions & { interval: number }): Interval
    conditionalExpectedTransactions(customer: Customer, options: AheadOptions): number
    conditionalExpectedTransactions(summary: Uint8Array, options: AheadOptions): Promise<Buffer>
    /** Of a new customer, from the first purchase on, which does not count. */
    expectedTransactions(options: AheadOptions & { interval: number }): Interval
    expectedTransactions(options: AheadOptions): number
    /** That a new customer makes exactly so many repeat purchases within the time. */
    probabilityOfCount(count: number, options: { days?: number; periods?: number }): number
    discountedExpectedResidualTransactions(customer: Customer, options: IntervalOptions & { discountRate: number; interval: number }): Interval
    discountedExpectedResidualTransactions(customer: Customer, options: IntervalOptions & { discountRate: number }): number
    discountedExpectedResidualTransactions(summary: Uint8Array, options: IntervalOptions & { discountRate: number }): Promise<Buffer>
    conditionalExpectedSpend(customer: Customer, options: IntervalOptions & { interval: number }): Interval
    conditionalExpectedSpend(customer: Customer, options?: IntervalOptions): number
    conditionalExpectedSpend(summary: Uint8Array, options?: IntervalOptions): Promise<Buffer>
    customerLifetimeValue(customer: Customer, options: ValueOptions & { spend: FittedModel; interval: number }): Interval
    customerLifetimeValue(customer: Customer, options: ValueOptions & { spend: FittedModel }): number
    customerLifetimeValue(summary: Uint8Array, options: ValueOptions & { spend: FittedModel }): Promise<Buffer>
    /** Each customer's part of the log-likelihood. */
    logLikelihoodOf(customer: Customer): number
    logLikelihoodOf(summary: Uint8Array): Promise<Buffer>
    /** `frequency`, `actual`, `expected`. */
    frequencyHistogram(summary: Uint8Array, most?: number): Promise<Buffer>
    /** `frequency`, `recency`, `probability_alive`. */
    probabilityAliveMatrix(summary: Uint8Array, mostFrequency?: number): Promise<Buffer>
    /** `frequency`, `customers`, `actual`, `expected`, of a summary with a holdout. */
    holdoutByFrequency(summary: Uint8Array, most?: number): Promise<Buffer>
    /** `period`, `until`, `actual`, `expected`, `cumulative_actual`, `cumulative_expected`, `is_holdout`. */
    tracking(transactions: Uint8Array, options: PurchaseOptions): Promise<Buffer>
    /** All of it as a document: `model`, `period_days` and `params` as a journey file has them, and what a fit found. */
    toObject(): object
    toJSON(): object
  }

  interface FitOptions {
    /** The column of how many customers each row stands for. */
    weights?: string | null
    /** Columns of covariates that bear on how long customers stay. */
    life?: readonly string[] | null
    /** Columns of covariates that bear on how often they buy. */
    trans?: readonly string[] | null
    /** The weights of the squared coefficients of the two. */
    penalty?: readonly [number, number] | null
  }

  abstract class Model {
    constructor(options?: { period?: Period })
    /**
     * Finds the parameters that make the table of customers most likely.
     * @throws {WayfareError} `not_fitted` if there is no maximum to find: `status` says why.
     */
    fit(summary: Uint8Array, options?: FitOptions): Promise<FittedModel>
  }

  /** BG/NBD: customers buy at random while alive, and may leave unseen after any repeat purchase. */
  class BgNbd extends Model {
    static fromParams(params: { r: number; alpha: number; a: number; b: number }, options?: { period?: Period }): FittedModel
  }
  /** MBG/NBD: as BG/NBD, but customers may leave after the first purchase already. */
  class MbgNbd extends Model {
    static fromParams(params: { r: number; alpha: number; a: number; b: number }, options?: { period?: Period }): FittedModel
  }
  /** Pareto/NBD: customers buy at random while alive, and may leave unseen at any time. */
  class ParetoNbd extends Model {
    static fromParams(params: { r: number; alpha: number; s: number; beta: number }, options?: { period?: Period }): FittedModel
  }
  /** NBD: customers buy at random, and none ever leaves. */
  class Nbd extends Model {
    static fromParams(params: { r: number; alpha: number }, options?: { period?: Period }): FittedModel
  }
  /** BG/BB: as BG/NBD, of opportunities in place of time. */
  class BgBb extends Model {
    static fromParams(params: { alpha: number; beta: number; gamma: number; delta: number }, options?: { period?: Period }): FittedModel
  }
  /** Gamma-Gamma: what a customer's purchases are worth on average. */
  class GammaGamma extends Model {
    static fromParams(params: { p: number; q: number; gamma: number }, options?: { period?: Period }): FittedModel
  }
}

/**
 * Which touchpoints earn a conversion: credits that add up.
 *
 * Every function takes {@link Paths} and gives an Arrow IPC stream: a row for each word of `by`, `conversions` and `value`, which sum to the conversions of
 * the paths and to their value exactly. Conversions without a touchpoint are the row `unattributed`.
 */
export namespace attribution {
  interface Options {
    /** Any dimension of the paths; `channel` unless it is said. */
    by?: string | null
    /** With a standard error and an interval of this level for each number. */
    interval?: number | null
    /** From so many samples of the customers; 200 unless it is said. */
    replicates?: number | null
    /** Where draws begin; the same seed, the same numbers. */
    seed?: number | null
    /** With what the numbers are and how they were found. */
    facts?: boolean
  }

  interface PositionOptions extends Options {
    /** The fraction of the first touchpoint; 0.4 unless it is said. */
    first?: number | null
    /** The fraction of the last touchpoint; 0.4 unless it is said. */
    last?: number | null
  }

  interface DecayOptions extends Options {
    /** Like `7d`. */
    halfLife: string
  }

  interface MarkovOptions extends Options {
    /** How many touchpoints a state remembers; 1 unless it is said. */
    order?: number | null
    /** Whether paths that did not convert count; they do unless it is said. */
    nulls?: boolean | null
  }

  interface ShapleyOptions extends Options {
    /** `coverage` unless it is said. */
    game?: 'coverage' | 'rate' | null
    /** A row for each place on the path, of the coverage game. */
    ordered?: boolean | null
    /** Beyond 22 words: the standard error to stop at, as a part of the game's value; 0.001 unless it is said. */
    standardError?: number | null
    /** Beyond 22 words: the permutations to stop at; 100,000 unless it is said. */
    permutations?: number | null
  }

  /** What the numbers are: `model`, `by`, `order`, `game`, `method`, `residual` … */
  interface Credited {
    table: Buffer
    facts: Record<string, string | number | boolean>
  }

  interface Model<T extends Options> {
    (paths: Paths, options: T & { facts: true }): Promise<Credited>
    (paths: Paths, options: T): Promise<Buffer>
  }

  interface Heuristic<T extends Options> extends Model<T> {
    (paths: Paths, options: T & { facts: true }): Promise<Credited>
    (paths: Paths, options?: T): Promise<Buffer>
  }

  /** The first touchpoint of each path has its conversions. */
  const firstTouch: Heuristic<Options>
  /** The last touchpoint of each path has its conversions. */
  const lastTouch: Heuristic<Options>
  /** All touchpoints of a path have the same part. */
  const linear: Heuristic<Options>
  /** The first and the last touchpoint have fractions, the others share the rest. */
  const positionBased: Heuristic<PositionOptions>
  /** A touchpoint has half of what one half-life later has. The paths must have times. */
  const timeDecay: Model<DecayOptions>
  /** By removal effects of an absorbing Markov chain, solved exactly; they are columns too. */
  const markov: Heuristic<MarkovOptions>
  /** By Shapley values of a game. */
  const shapley: Heuristic<ShapleyOptions>
  /** A column a model with its usual choices, and a last row `total`. */
  function allModels(paths: Paths, options?: { by?: string | null; measure?: 'conversions' | 'value' | null }): Promise<Buffer>

  interface CreditOptions {
    model: 'first_touch' | 'last_touch' | 'linear' | 'position_based' | 'time_decay' | 'markov' | 'shapley'
    by?: string | null
    first?: number | null
    last?: number | null
    halfLife?: string | null
    order?: number | null
    nulls?: boolean | null
    game?: 'coverage' | 'rate' | null
    seed?: number | null
  }

  /** The credits of every conversion: `customer`, `path`, the word, `conversions`, `credit`, `value`. Those of a path sum to 1 and to its value exactly. */
  function credits(paths: Paths, options: CreditOptions): Promise<Buffer>

  /** How well chains of several orders foretell customers they have not seen: `order`, `contexts`, `log_likelihood`, `log_loss`, `best`. */
  function selectOrder(
    paths: Paths,
    options?: { orders?: readonly number[] | null; by?: string | null; folds?: number | null; seed?: number | null },
  ): Promise<Buffer>

  /** The counts of an absorbing Markov chain: whole numbers that are added, merged and taken away again. */
  class MarkovCounts {
    constructor(options?: { order?: number | null; by?: string | null })
    /** The counts of paths. */
    static fromPaths(paths: Paths, options?: { order?: number | null; by?: string | null; nulls?: boolean | null }): MarkovCounts
    /** What `toBytes` gave; bytes that were damaged are refused. */
    static fromBytes(bytes: Uint8Array): MarkovCounts
    readonly order: number
    readonly by: string
    readonly states: number
    readonly conversions: number
    /** Adds a path that converted so often, for so much value together, and so often did not. */
    add(path: Iterable<string | null>, counted?: { conversions?: number; value?: number; nulls?: number }): void
    /** Adds the counts of other pieces. */
    merge(...others: MarkovCounts[]): void
    /** Takes the counts of a piece away that was added before. */
    subtract(other: MarkovCounts): void
    /** Equal counts give equal bytes. */
    toBytes(): Buffer
    /** What `markov` gives of the paths that were counted. */
    attribution(options: { facts: true }): Promise<Credited>
    attribution(options?: { facts?: boolean }): Promise<Buffer>
  }
}

/**
 * How near customers are to a conversion at every touchpoint, and which touchpoints bring them nearer.
 *
 * A change in probability is an association, not lift: customers who meet a touchpoint differ from those who do not, and were often on their way already.
 */
export namespace progress {
  interface FitOptions {
    /** Within which time a conversion counts; `30d` unless it is said. */
    horizon?: string | null
    /** The dimension that touchpoints are told apart by; `channel` unless it is said. */
    by?: string | null
    /** The dimension that says at which stage the customer stood. */
    stage?: string | null
    /** What a conversion is worth; the mean value of the conversions unless it is said. */
    value?: number | null
    /** How many of the last touchpoints tell where a customer stands: 0, 1 or 2, which is the default. */
    memory?: number | null
    /** Who fits, who calibrates and who tests. */
    seed?: number | null
    /** Steps that the horizon is cut into. */
    steps?: number | null
  }

  /** Fits a model on half of the customers, puts its probabilities right by a quarter, and tests it on the last quarter. */
  function fit(paths: Paths, options?: FitOptions): Promise<ProgressModel>

  /** How well probabilities told what happened to customers that the model was not fitted to. */
  interface Assessment {
    windows: number
    customers: number
    conversions: number
    mean_predicted: number
    mean_observed: number
    /** The mean squared difference of probability and outcome. */
    brier: number
    brier_base_rate: number
    brier_skill: number
    slope: number | null
    slope_interval: [number, number] | null
    intercept: number | null
    intercept_interval: [number, number] | null
    bins: { windows: number; conversions: number; mean_predicted: number; observed: number; lower: number; upper: number }[]
  }

  /** A touchpoint of a history: its word and stage stand under the names that the model has for them. */
  interface Touchpoint {
    at: Instant
    conversion?: boolean | null
    [name: string]: Instant | boolean | null | undefined
  }

  class ProgressModel {
    private constructor()
    /** From a document of {@link ProgressModel.toObject}, which does not keep the paths. */
    static fromObject(document: object): ProgressModel
    readonly horizon: string
    readonly by: string
    readonly value: number
    readonly brier: number
    readonly brierSkill: number
    /** The calibration slope of the tested customers: 1 is best. */
    readonly slope: number | null
    readonly slopeInterval: [number, number] | null
    readonly intercept: number | null
    readonly interceptInterval: [number, number] | null
    readonly assessment: Assessment
    /** At instants that lie anywhere between touchpoints. */
    readonly assessmentBetween: Assessment
    readonly recalibration: object
    readonly report: Record<string, number>
    /** `customer`, `at`, the word and stage, `part`, `before`, `after`, `change`. */
    atTouchpoints(options?: { paths?: Paths }): Promise<Buffer>
    /** `point`, `from`, `to`, `count`, `customers`, `mean_change`, `mean_value`, `change_x_value`, `lower`, `upper`: association, not lift. */
    highValuePoints(options?: { paths?: Paths; draws?: number | null; level?: number | null }): Promise<Buffer>
    /** `windows`, `conversions`, `mean_predicted`, `observed`, `lower`, `upper`. */
    calibration(options?: { between?: boolean }): Buffer
    calibrationSvg(): string
    /** The probability now, and at later instants if nothing happens until then. */
    score(history: readonly Touchpoint[], now: Instant, options?: { later?: readonly Instant[] }): { probability: number; later: number[] }
    toObject(): object
    toJSON(): object
  }
}
