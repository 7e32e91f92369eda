// What a TypeScript program writes, and what the compiler must refuse. `tsc --noEmit` checks it; nothing runs it.

import { Funnel, IdentityGraph, Journey, Paths, Profile, TransitionMatrix, WayfareError, attribution, funnel, holdout, lifetime, rfmCuts, templateNames, timeInStage } from 'wayfare'
import type { Candidate, Comparison, Consent, Decision, DecisionDocument, Grid, Linked, NextChange, Reach, Stage, Transition, Value } from 'wayfare'

const journey: Journey = Journey.template(templateNames()[0] ?? 'retail')
const profile: Profile = journey.profile('c-42')
const folded: boolean = profile.observe({ kind: 'purchased', at: new Date(), channel: 'store', id: 'order-1', value: 59.9, items: 2 })
profile.set({ newsletter: true, home_store: null }, { at: '2026-03-01T09:30:00Z', id: 'change-1' })

const view = profile.view(new Date())
const stage: Stage | undefined = view.stages['relationship']
const trait: Value | undefined = view.traits['orders']
const next: NextChange | null = view.next_change ?? profile.nextChange('2026-03-01T09:30:00Z')
const moves: Transition[] = profile.history(new Date())
const again: Profile = Profile.fromBytes(journey, profile.toBytes())
const cuts: number[] = rfmCuts(new Float64Array([1, 2, 3]), 2)

const preferred: boolean = profile.prefer({ choice: 'in', at: new Date(), channel: 'email', purpose: 'marketing', expires: '2027-03-01T09:30:00Z' })
profile.request({ at: new Date(), purpose: 'marketing' })
profile.answer('may_we', 'yes', new Date())
const consents: Consent[] = profile.consents(new Date())
const decision: Decision = profile.decide(new Date(), { inputs: { p_click: 0.2, segment: null }, context: { channel: 'web' } })
const several: Decision[] = profile.decide(new Date(), { top: 3 })
const stopped: readonly Candidate[] = decision.candidates
const document: DecisionDocument = decision.toJSON()
const because: string | undefined = consents[0]?.record?.source ?? decision.runnerUp?.action ?? decision.factors?.boosts[0]?.name
if (decision.maySend) profile.observe(decision.touchpoint('sent'))
const left: boolean = holdout('c-42', '2026-q4', 0.05)

const table: Buffer = await journey.run(new Uint8Array(), { asOf: [new Date(), '2026-03-01T09:30:00Z'], signal: AbortSignal.timeout(1_000) })
const { rejected }: { rejected: Buffer } = await journey.run(new Uint8Array(), { asOf: new Date(), onError: 'collect', onProgress: (done, all) => void (done / all) })
const decided: Buffer = await journey.decide(new Uint8Array(), { preferences: new Uint8Array(), inputs: null, asOf: new Date(), explain: true })
const reached: Reach = await journey.reach(new Uint8Array(), { asOf: new Date() })
const compared: Comparison = await journey.compare(journey, new Uint8Array(), { over: [new Date()] })
const { comparison }: { comparison: Comparison } = await journey.compare(journey, new Uint8Array(), { asOf: new Date(), onError: 'collect' })
const graph = new IdentityGraph({ identifiers: { card: { limit: '1 ever' }, email: { normalize: ['lowercase'] } }, blocked: ['null'] })
const told: Linked = graph.link({ at: new Date(), identifiers: { email: ['a@example.com', 'b@example.com'], card: null } })
const apart: string[] | undefined = graph.unlink('login-1').split[0]?.into
const why: string | null | undefined = graph.evidence(['email', 'a@example.com'], ['card', '77'])?.[0]?.id
const whole: { persons: Buffer; report: { persons: number } } = await graph.resolve(new Uint8Array(), { columns: { one: 'email' } })
const counted: number = graph.linkTable(new Uint8Array()).records
await journey.run(new Uint8Array(), { asOf: new Date(), identity: IdentityGraph.fromBytes(graph.toBytes()) })
profile.merge(again)
const owner: string | null | undefined = journey.grid().toJSON().tracks[0]?.stages[0]?.cells[0]?.owner
const filled: Grid = await journey.grid(new Uint8Array(), { asOf: new Date(), conversions: ['purchased'] })
const drawn: string = journey.diagram().toMermaid()
const sent: number = compared.after.sent + reached.addressed
const explained: Buffer = await journey.transitions(new Uint8Array(), { asOf: new Date(), explain: true })

try {
  Journey.fromYaml('')
} catch (error) {
  if (error instanceof WayfareError && error.code === 'invalid_journey') error.diagnostics[0]?.render('', 'journey.yaml').trim()
}

// @ts-expect-error a customer is text
journey.profile(42)
// @ts-expect-error a touchpoint has a kind
profile.observe({ at: new Date() })
// @ts-expect-error asOf is required
await journey.run(new Uint8Array(), {})
// @ts-expect-error a view is not made by hand
new (view.constructor as typeof import('wayfare').View)()
// @ts-expect-error one of asOf and over
await journey.compare(journey, new Uint8Array(), { asOf: new Date(), over: [new Date()] })
// @ts-expect-error a grid is filled up to one instant
await journey.grid(new Uint8Array(), { asOf: [new Date()] })
// @ts-expect-error there is no such option
await journey.run(new Uint8Array(), { asOf: new Date(), onErrors: 'collect' })

// @ts-expect-error a record has identifiers
graph.link({ at: new Date() })
// @ts-expect-error a choice is one of four
profile.prefer({ choice: 'yes', at: new Date() })
// @ts-expect-error a preference has no such field
profile.prefer({ choice: 'in', at: new Date(), chanel: 'email' })
// @ts-expect-error a decision is not made by hand
new (decision.constructor as typeof import('wayfare').Decision)()
// @ts-expect-error the reasons of a decision do not change
decision.candidates[0].gate = null

export { because, document, left, preferred, several, stopped }
export { again, comparison, cuts, decided, drawn, explained, filled, folded, moves, next, owner, rejected, sent, stage, table, trait }

const purchases: Uint8Array = new Uint8Array()
const customers: Buffer = await lifetime.summary(purchases, { observedUntil: '2026-03-01', period: 'week', returns: 'drop' })
const both: { table: Buffer; rejected: Buffer } = await lifetime.summary(purchases, { observedUntil: new Date(), onError: 'collect' })
const fitted: lifetime.FittedModel = await new lifetime.BgNbd({ period: 'week' }).fit(customers)
const expected: number = fitted.conditionalExpectedTransactions({ frequency: 2, recency: 30, age: 38 }, { days: 90 })
const interval: lifetime.Interval = fitted.probabilityAlive({ frequency: 2 }, { interval: 0.95 })
const valued: Buffer = await fitted.predict(both.table, { days: 365, spend: fitted, margin: expected + interval.lower })
// @ts-expect-error a parameter is missing
lifetime.GammaGamma.fromParams({ p: 1, q: 2 })
// @ts-expect-error the end of the observation is never guessed
await lifetime.summary(valued, {})

const gone: Paths = Paths.fromStrings({ path: ['A', 'A > B'], conversions: [1, 2] })
const credited: Buffer = await attribution.markov(gone, { order: 2, interval: 0.95 })
const named: attribution.Credited = await attribution.shapley(gone, { game: 'rate', facts: true })
const counts: attribution.MarkovCounts = attribution.MarkovCounts.fromBytes(attribution.MarkovCounts.fromPaths(gone).toBytes())
counts.add(['A', null], { conversions: 1 })
// @ts-expect-error time decay wants a half-life
await attribution.timeDecay(gone)
// @ts-expect-error there is no such game
await attribution.shapley(gone, { game: 'rates' })
export { credited, named }

const steps: Funnel = await gone.funnel(['A', ['B', 'C'], { channel: 'A' }], { by: 'channel', per: 'path', strictOrder: true })
const picture: string = steps.toSvg()
const taken: TransitionMatrix = (await gone.transitionMatrix({ by: 'channel' })).subtract(await gone.transitionMatrix())
const raw = await funnel(new Uint8Array(), ['A'], { onError: 'collect' })
const stays: Buffer = (await timeInStage(raw.rejected, { observedUntil: '2026-03-31' })).curve()
void [picture, taken, stays]
