// The demo's customer in Node: folds the records of the question and prints the stages, the profile and the decision.
import { readFileSync } from 'node:fs'
import { Journey } from '../../bindings-node/index.mjs'

const question = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const profile = Journey.fromYaml(question.journey).profile(question.customer)
for (const record of question.records) profile.observe(record)

const stages = Object.entries(profile.view(question.now).stages).map(([track, { stage }]) => `${track} ${stage}`)
const decision = profile.decide(question.now).toJSON()
console.log(JSON.stringify({ stages: stages.join(', '), profile: Buffer.from(profile.toBytes()).toString('hex'), decision }))
