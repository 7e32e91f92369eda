// What `napi build` reads off src/*.rs. Not the package's interface: that is index.d.ts.

export interface Journey {}
export interface Reading {}
export interface Profile {}
export interface Job {}
export interface Grid {}
export interface FittedModel {}
export interface IdentityGraph {}
export interface Paths {}
export interface MarkovCounts {}
export interface ProgressModel {}
export interface Answer {}
export type At = number | string

export declare class ExternalObject<T> {
  readonly '': {
    readonly '': unique symbol
    [K: symbol]: T
  }
}

/**
 * Which binding artifact the generated loader actually loaded: `'native'` for
 * a native addon, otherwise the `platformArchABI` of the WASI flavor. Every
 * flavor napi-rs can build is listed, because `NAPI_RS_NATIVE_LIBRARY_PATH`
 * can point the loader at a WASI artifact this package does not build itself.
 */
export declare const __napiBindingTarget: 'native' | 'wasm32-wasi' | 'wasm32-wasip1'

/** Takes in the answer to an ask: one value as JSON text. */
export declare function answer(profile: ExternalObject<Profile>, ask: string, answer: string, at: At): boolean

/** What is asked of tables: the options of every method that asks, tables as Arrow IPC. */
export interface Asked {
  /** The touchpoints; of a ledger the preferences. */
  about: Uint8Array
  preferences?: Uint8Array
  customers?: Uint8Array
  inputs?: Uint8Array
  naiveTimeZone?: string
  onError?: string
  extraColumns?: string
  explain?: boolean
  /** `asOf` where it is one instant. */
  at?: At
  /** `asOf` where it is several. */
  each?: Array<At>
  /** `asOf` where it is a table. */
  questions?: Uint8Array
}

export declare function attributionCredits(paths: ExternalObject<Paths>, request: string): Promise<unknown>

export declare function attributionOf(paths: ExternalObject<Paths>, request: string): Promise<unknown>

export declare function attributionOrders(paths: ExternalObject<Paths>, request: string): Promise<unknown>

export declare function attributionSideBySide(paths: ExternalObject<Paths>, by?: string | undefined | null, measure?: string | undefined | null): Promise<unknown>

export declare function compareTables(journey: ExternalObject<Reading>, other: ExternalObject<Reading>, job: ExternalObject<Job>, asked: Asked): Promise<unknown>

export declare function confirm(profile: ExternalObject<Profile>, at: At, expires: At | undefined | null, others: string): boolean

/** Whether there may be contact, by channel, purpose and topic, as JSON text. */
export declare function consents(profile: ExternalObject<Profile>, at: At): string

/** The same as a picture. */
export declare function consentsSvg(profile: ExternalObject<Profile>, at: At): string

/** What the bench of the boundary compares `decide` with: the same arguments, converted and dropped. */
export declare function convertDecide(profile: ExternalObject<Profile>, now: At, a: number, b: number, c: number, d: number, others?: string | undefined | null): number

/** What the bench of the boundary compares `observe` with: the same arguments, converted and dropped. */
export declare function convertObserve(profile: ExternalObject<Profile>, at: At, kind?: string | undefined | null, channel?: string | undefined | null, id?: string | undefined | null, worth?: number | undefined | null, others?: string | undefined | null): boolean

/** What the bench of the boundary compares `view` with: the same argument converted, and a text of that length handed back. */
export declare function convertView(profile: ExternalObject<Profile>, now: At, length: number): string

/** Credits by word as an Arrow IPC stream, and what they are as JSON. */
export interface CreditedTables {
  table: Buffer
  facts: string
}

/** Paths, and the refused rows as an Arrow IPC stream. */
export interface CutTables {
  paths: ExternalObject<Paths>
  rejected: Buffer
}

/** What to say now. */
export declare function decide(profile: ExternalObject<Profile>, now: At, a: number, b: number, c: number, d: number, others?: string | undefined | null): number

export declare function decideTables(journey: ExternalObject<Reading>, job: ExternalObject<Job>, asked: Asked, identity?: ExternalObject<IdentityGraph> | undefined | null): Promise<unknown>

/** The first few things to say now that may go together. */
export declare function decideTop(profile: ExternalObject<Profile>, now: At, a: number, b: number, c: number, d: number, others: string | undefined | null, top: number): Array<number>

/**
 * A part of the decision of that place among those that `decide` or `decide_top` gave: `choice`, `candidates`, `document` or `touchpoint` as JSON text,
 * `because`, `explain` or `svg` as it is.
 */
export declare function decisionPart(profile: ExternalObject<Profile>, now: At, a: number, b: number, c: number, d: number, others: string | undefined | null, place: number, part: string, outcome?: string | undefined | null): string

export declare function diagramDocument(journey: ExternalObject<Reading>): string

export declare function diagramMermaid(journey: ExternalObject<Reading>): string

export declare function diagramSvg(journey: ExternalObject<Reading>): string

/** A grid, and the refused rows as an Arrow IPC stream. */
export interface Filled {
  grid: ExternalObject<Grid>
  rejected: Buffer
}

/** What a fit gives. */
export interface FittedProgress {
  model: ExternalObject<ProgressModel>
}

export declare function globalPrivacyControl(profile: ExternalObject<Profile>, at: At): void

export declare function gridDocument(grid: ExternalObject<Grid>): string

export declare function gridHtml(grid: ExternalObject<Grid>): string

export declare function gridNew(journey: ExternalObject<Reading>): ExternalObject<Grid>

export declare function gridOfTables(journey: ExternalObject<Reading>, job: ExternalObject<Job>, asked: Asked, conversions: Array<string>): Promise<unknown>

export declare function gridOnly(grid: ExternalObject<Grid>, track: string): ExternalObject<Grid>

export declare function gridSvg(grid: ExternalObject<Grid>): string

/** A row a cell, as an Arrow IPC stream. */
export declare function gridTable(grid: ExternalObject<Grid>): Buffer

export declare function gridText(grid: ExternalObject<Grid>): string

/** The transitions up to an instant as JSON text. */
export declare function history(profile: ExternalObject<Profile>, now: At): string

/** Whether a customer is held out. */
export declare function holdout(customer: string, salt: string, share: number, algorithm?: string | undefined | null): boolean

/** Each identifier is a kind and a value. */
export declare function identityEvidence(graph: ExternalObject<IdentityGraph>, kind: string, value: string, otherKind: string, otherValue: string): string

export declare function identityFromBytes(bytes: Uint8Array): ExternalObject<IdentityGraph>

/** Links a record. `identifiers` is a JSON object of kinds and values or lists of values. */
export declare function identityLink(graph: ExternalObject<IdentityGraph>, at: At, id: string | undefined | null, identifiers: string): string

/** Links every row of a table. The refused rows are an Arrow IPC stream, the report is JSON text. */
export declare function identityLinkTable(graph: ExternalObject<IdentityGraph>, identifiers: Uint8Array, request: string): LinkedTable

export declare function identityMembers(graph: ExternalObject<IdentityGraph>, person: string): string

export declare function identityNew(text: string, isYaml: boolean): ExternalObject<IdentityGraph>

export declare function identityPerson(graph: ExternalObject<IdentityGraph>, kind: string, value: string): string | null

export declare function identityPersons(graph: ExternalObject<IdentityGraph>): Buffer

export declare function identityResolve(graph: ExternalObject<IdentityGraph>, identifiers: Uint8Array, request: string): Promise<unknown>

export declare function identityRules(graph: ExternalObject<IdentityGraph>): string

export declare function identitySize(graph: ExternalObject<IdentityGraph>): number

export declare function identityToBytes(graph: ExternalObject<IdentityGraph>): Buffer

export declare function identityUnlink(graph: ExternalObject<IdentityGraph>, id: string): string

export declare function identityWithRules(graph: ExternalObject<IdentityGraph>, text: string, isYaml: boolean): ExternalObject<IdentityGraph>

/** An instant as text. */
export declare function instantText(at: At): string

export declare function jobCancel(job: ExternalObject<Job>): void

export declare function jobNew(): ExternalObject<Job>

/** The rows done and the rows in all. */
export declare function jobProgress(job: ExternalObject<Job>): Array<number>

/** The diagnostics as a JSON array: the warnings of a journey, the errors and warnings of what is none. */
export declare function journeyDiagnostics(reading: ExternalObject<Reading>): string

/** Why there is no journey. */
export interface JourneyError {
  error: string
}

export declare function journeyFromJson(text: string): ExternalObject<Reading>

/** An object that JavaScript wrote as JSON: its diagnostics have paths, no places in a text that nobody sees. */
export declare function journeyFromObject(json: string): ExternalObject<Reading>

export declare function journeyFromYaml(text: string): ExternalObject<Reading>

/** The error as JSON text, or the journey's outline as JSON text. */
export declare function journeyOutline(reading: ExternalObject<Reading>): string | JourneyError

export declare function journeySchema(): string

export declare function journeyTemplate(name: string): ExternalObject<Reading>

export declare function ledgerOfTables(journey: ExternalObject<Reading>, job: ExternalObject<Job>, asked: Asked): Promise<unknown>

export declare function lifetimeDocument(model: ExternalObject<FittedModel>): string

export declare function lifetimeFacts(model: ExternalObject<FittedModel>): string

/** The fitted model as a document. */
export declare function lifetimeFit(model: string, summary: Uint8Array, request: string): Promise<unknown>

export declare function lifetimeFromDocument(text: string): ExternalObject<FittedModel>

export declare function lifetimeHistogram(model: ExternalObject<FittedModel>, summary: Uint8Array, most?: number | undefined | null): Promise<unknown>

export declare function lifetimeHoldout(model: ExternalObject<FittedModel>, summary: Uint8Array, most?: number | undefined | null): Promise<unknown>

export declare function lifetimeIntervals(model: ExternalObject<FittedModel>, level: number): string

export declare function lifetimeKnown(model: string, params: string, period: string): ExternalObject<FittedModel>

export declare function lifetimeMatrix(model: ExternalObject<FittedModel>, summary: Uint8Array, most?: number | undefined | null): Promise<unknown>

/** One prediction of every row, or all that the model makes. */
export declare function lifetimePredict(model: ExternalObject<FittedModel>, spend: ExternalObject<FittedModel> | undefined | null, summary: Uint8Array, request: string, all: boolean): Promise<unknown>

/** The estimate, and with an interval its standard error and ends. */
export declare function lifetimePredictOne(model: ExternalObject<FittedModel>, spend: ExternalObject<FittedModel> | undefined | null, row: string, request: string): Array<number>

export declare function lifetimeSummary(transactions: Uint8Array, request: string): Promise<unknown>

export declare function lifetimeTracking(model: ExternalObject<FittedModel>, transactions: Uint8Array, request: string): Promise<unknown>

/** What became of the rows of a table. */
export interface LinkedTable {
  report: string
  rejected: Buffer
}

/** What the elements of each score contribute at an instant, as JSON text. */
export declare function makeUp(profile: ExternalObject<Profile>, now: At): string

/** Counts of an absorbing chain: none yet, or those of paths. */
export declare function markovCounts(paths: ExternalObject<Paths> | undefined | null, request: string): ExternalObject<MarkovCounts>

/** Adds a path; a word that is not known is null. */
export declare function markovCountsAdd(counts: ExternalObject<MarkovCounts>, path: Array<string | undefined | null>, conversions: number, value: number, nulls: number): void

export declare function markovCountsAttribution(counts: ExternalObject<MarkovCounts>): Promise<unknown>

export declare function markovCountsFacts(counts: ExternalObject<MarkovCounts>): MarkovCountsFacts

/** What is to be known of counts. */
export interface MarkovCountsFacts {
  order: number
  by: string
  states: number
  conversions: number
}

export declare function markovCountsFromBytes(bytes: Uint8Array): ExternalObject<MarkovCounts>

export declare function markovCountsMerge(counts: ExternalObject<MarkovCounts>, other: ExternalObject<MarkovCounts>): void

export declare function markovCountsSubtract(counts: ExternalObject<MarkovCounts>, other: ExternalObject<MarkovCounts>): void

export declare function markovCountsToBytes(counts: ExternalObject<MarkovCounts>): Buffer

/** An instant in microseconds as text. */
export declare function microsText(micros: bigint): string

/** The next change as JSON text: `null` if there is none. */
export declare function nextChange(profile: ExternalObject<Profile>, now: At): string

export declare function object(profile: ExternalObject<Profile>, at: At, expires: At | undefined | null, others: string): boolean

/** Folds a touchpoint; false if it was a duplicate. The commonest fields come as they are, `others` is a JSON object. */
export declare function observe(profile: ExternalObject<Profile>, at: At, kind?: string | undefined | null, channel?: string | undefined | null, id?: string | undefined | null, worth?: number | undefined | null, others?: string | undefined | null): boolean

/** An answer, and the refused rows of a table as an Arrow IPC stream. */
export interface PathsAnswer {
  answer: ExternalObject<Answer>
  rejected?: Buffer
}

/** The edges, starts and ends of a directly-follows graph as a document. */
export declare function pathsAnswerGraph(answer: ExternalObject<Answer>): string

export declare function pathsAnswerMerge(one: ExternalObject<Answer>, other: ExternalObject<Answer>): ExternalObject<Answer>

export declare function pathsAnswerSubtract(one: ExternalObject<Answer>, other: ExternalObject<Answer>): ExternalObject<Answer>

export declare function pathsAnswerSvg(answer: ExternalObject<Answer>): string

/** A table of an answer as an Arrow IPC stream. */
export declare function pathsAnswerTable(answer: ExternalObject<Answer>, name: string): Buffer

export declare function pathsAsk(paths: ExternalObject<Paths>, question: string): Promise<unknown>

export declare function pathsCut(touchpoints: Uint8Array, request: string, journey?: ExternalObject<Reading> | undefined | null, track?: string | undefined | null, customers?: Uint8Array | undefined | null): Promise<unknown>

export declare function pathsDimensions(paths: ExternalObject<Paths>): Array<string>

/** Paths as texts, each with how often it was gone. No values are an empty list. */
export declare function pathsFromStrings(paths: Array<string>, conversions: Array<number>, value: Array<number>, nulls: Array<number>, separator?: string | undefined | null): ExternalObject<Paths>

export declare function pathsFunnel(table: Uint8Array, request: string, rows: string): Promise<unknown>

export declare function pathsLength(paths: ExternalObject<Paths>): number

export declare function pathsMerge(one: ExternalObject<Paths>, other: ExternalObject<Paths>): ExternalObject<Paths>

export declare function pathsReport(paths: ExternalObject<Paths>): string

export declare function pathsSessions(paths: ExternalObject<Paths>, by?: string | undefined | null): Promise<unknown>

export declare function pathsTable(paths: ExternalObject<Paths>, by?: string | undefined | null, separator?: string | undefined | null): Promise<unknown>

export declare function pathsTimeInStage(table: Uint8Array, request: string): Promise<unknown>

/** Takes in a preference; false if it was a duplicate. `others` is a JSON object of what is neither an instant nor null. */
export declare function prefer(profile: ExternalObject<Profile>, at: At, expires: At | undefined | null, others: string): boolean

export declare function profileCustomer(profile: ExternalObject<Profile>): string

export declare function profileFromBytes(journey: ExternalObject<Reading>, bytes: Uint8Array): ExternalObject<Profile>

/** The same as a Latin-1 string, which JavaScript's collector knows and frees, unlike a copy on this side. */
export declare function profileKept(profile: ExternalObject<Profile>): string

/** Takes in another profile's records. */
export declare function profileMerge(profile: ExternalObject<Profile>, bytes: Uint8Array): void

export declare function profileNew(journey: ExternalObject<Reading>, customer: string): ExternalObject<Profile>

export declare function profileToBytes(profile: ExternalObject<Profile>): Buffer

export declare function progressAtTouchpoints(model: ExternalObject<ProgressModel>, paths: ExternalObject<Paths>): Promise<unknown>

export declare function progressCalibration(model: ExternalObject<ProgressModel>, between: boolean): Buffer

export declare function progressCalibrationSvg(model: ExternalObject<ProgressModel>): string

export declare function progressDocument(model: ExternalObject<ProgressModel>): string

export declare function progressFacts(model: ExternalObject<ProgressModel>): string

export declare function progressFit(paths: ExternalObject<Paths>, request: string): Promise<unknown>

export declare function progressFromDocument(text: string): ExternalObject<ProgressModel>

export declare function progressPoints(model: ExternalObject<ProgressModel>, paths: ExternalObject<Paths>, request: string): Promise<unknown>

/** The probability now, and then those at later instants. */
export declare function progressScore(model: ExternalObject<ProgressModel>, request: string): Array<number>

export declare function reachOfTables(journey: ExternalObject<Reading>, job: ExternalObject<Job>, asked: Asked): Promise<unknown>

/** The diagnostic of that index with its source line underlined. */
export declare function renderDiagnostic(reading: ExternalObject<Reading>, index: number, source: string, file: string): string | null

export declare function request(profile: ExternalObject<Profile>, at: At, expires: At | undefined | null, others: string): boolean

/** Persons and refused rows as Arrow IPC streams, and the report as JSON text. */
export interface Resolution {
  persons: Buffer
  rejected: Buffer
  report: string
}

export declare function rfmCuts(values: Float64Array, bands: number): Array<number>

export declare function runTables(journey: ExternalObject<Reading>, job: ExternalObject<Job>, asked: Asked, identity?: ExternalObject<IdentityGraph> | undefined | null): Promise<unknown>

/** Folds an attribute change; false if it was a duplicate. */
export declare function setAttributes(profile: ExternalObject<Profile>, attributes: string, at?: At | undefined | null, id?: string | undefined | null): boolean

/** The answer and the refused rows, both as Arrow IPC streams. */
export interface Tables {
  table: Buffer
  rejected: Buffer
}

export declare function templateNames(): Array<string>

export declare function templateText(name: string): string

/** What was found out: as a JSON text, in a few lines and as a picture; the rows that differ and the refused ones as Arrow IPC streams. */
export interface Told {
  document: string
  text: string
  picture: string
  /** Of a comparison, whether nothing differs. */
  isEmpty?: boolean
  differences?: Buffer
  rejected: Buffer
}

export declare function transitionsOfTables(journey: ExternalObject<Reading>, job: ExternalObject<Job>, asked: Asked, identity?: ExternalObject<IdentityGraph> | undefined | null): Promise<unknown>

export declare function unsubscribe(profile: ExternalObject<Profile>, channel: string, at: At): boolean

export declare function unsubscribeAll(profile: ExternalObject<Profile>, at: At): boolean

/** Stages, traits, scores and segments at an instant, packed: `lib/view.js` unpacks it when somebody looks. */
export declare function view(profile: ExternalObject<Profile>, now: At): string
