import wayfare from './index.js'

export const { Journey, Profile, View, Decision, Reach, Comparison, Grid, Diagram, Diagnostic, WayfareError, holdout, lifetime, templateNames, templateText, journeySchema, rfmCuts } = wayfare
