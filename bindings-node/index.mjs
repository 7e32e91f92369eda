import wayfare from './index.js'

export const { Journey, Profile, View, Decision, Reach, Comparison, Grid, Diagram, Diagnostic, WayfareError, attribution, holdout, lifetime, Paths, paths, templateNames, templateText, journeySchema, rfmCuts } = wayfare
