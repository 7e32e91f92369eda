// What `napi build` reads off src/*.rs. Not the package's interface: that is index.d.ts.

export interface Journey {}
export interface Reading {}
export interface Profile {}
export interface Job {}
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

/** What the bench of the boundary compares `observe` with: the same arguments, converted and dropped. */
export declare function convertObserve(profile: ExternalObject<Profile>, at: At, kind?: string | undefined | null, channel?: string | undefined | null, id?: string | undefined | null, worth?: number | undefined | null, others?: string | undefined | null): boolean

/** What the bench of the boundary compares `view` with: the same argument converted, and a text of that length handed back. */
export declare function convertView(profile: ExternalObject<Profile>, now: At, length: number): string

/** The transitions up to an instant as JSON text. */
export declare function history(profile: ExternalObject<Profile>, now: At): string

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

/** What the elements of each score contribute at an instant, as JSON text. */
export declare function makeUp(profile: ExternalObject<Profile>, now: At): string

/** An instant in microseconds as text. */
export declare function microsText(micros: bigint): string

/** The next change as JSON text: `null` if there is none. */
export declare function nextChange(profile: ExternalObject<Profile>, now: At): string

/** Folds a touchpoint; false if it was a duplicate. The commonest fields come as they are, `others` is a JSON object. */
export declare function observe(profile: ExternalObject<Profile>, at: At, kind?: string | undefined | null, channel?: string | undefined | null, id?: string | undefined | null, worth?: number | undefined | null, others?: string | undefined | null): boolean

export declare function profileCustomer(profile: ExternalObject<Profile>): string

export declare function profileFromBytes(journey: ExternalObject<Reading>, bytes: Uint8Array): ExternalObject<Profile>

export declare function profileNew(journey: ExternalObject<Reading>, customer: string): ExternalObject<Profile>

export declare function profileToBytes(profile: ExternalObject<Profile>): Buffer

/** The diagnostic of that index with its source line underlined. */
export declare function renderDiagnostic(reading: ExternalObject<Reading>, index: number, source: string, file: string): string | null

export declare function rfmCuts(values: Float64Array, bands: number): Array<number>

/** What a run is asked. */
export interface RunOptions {
  moves: boolean
  naiveTimeZone?: string
  onError?: string
  extraColumns?: string
  explain?: boolean
  /** `asOf` where it is one instant. */
  at?: At
  /** `asOf` where it is several. */
  each?: Array<At>
}

/** Runs the journey. The bytes are copied first: JavaScript may change or hand away its own meanwhile. */
export declare function runTables(journey: ExternalObject<Reading>, job: ExternalObject<Job>, touchpoints: Uint8Array, customers: Uint8Array | undefined | null, questions: Uint8Array | undefined | null, options: RunOptions): Promise<unknown>

/** Folds an attribute change; false if it was a duplicate. */
export declare function setAttributes(profile: ExternalObject<Profile>, attributes: string, at?: At | undefined | null, id?: string | undefined | null): boolean

/** The answer and the refused rows, both as Arrow IPC streams. */
export interface Tables {
  table: Buffer
  rejected: Buffer
}

export declare function templateNames(): Array<string>

export declare function templateText(name: string): string

/** Stages, traits, scores and segments at an instant, packed: `lib/view.js` unpacks it when somebody looks. */
export declare function view(profile: ExternalObject<Profile>, now: At): string
