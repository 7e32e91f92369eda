// What a TypeScript program writes, and what the compiler must refuse. `tsc --noEmit` checks it; nothing runs it.

import { Journey, Profile, WayfareError, rfmCuts, templateNames, type NextChange, type Stage, type Transition, type Value } from 'wayfare'

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

const table: Buffer = await journey.run(new Uint8Array(), { asOf: [new Date(), '2026-03-01T09:30:00Z'], signal: AbortSignal.timeout(1_000) })
const { rejected }: { rejected: Buffer } = await journey.run(new Uint8Array(), { asOf: new Date(), onError: 'collect', onProgress: (done, all) => void (done / all) })
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
// @ts-expect-error there is no such option
await journey.run(new Uint8Array(), { asOf: new Date(), onErrors: 'collect' })

export { again, cuts, explained, folded, moves, next, rejected, stage, table, trait }
