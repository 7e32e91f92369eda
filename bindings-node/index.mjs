import wayfare from './index.js'

export const { Journey, Profile, IdentityGraph, View, Decision, Reach, Comparison, Grid, Diagram, Diagnostic, WayfareError, attribution, holdout, lifetime, Paths, paths, DirectlyFollows, Flow, Funnel, StageTimes, TransitionMatrix, funnel, timeInStage, progress, templateNames, templateText, journeySchema, rfmCuts } = wayfare
