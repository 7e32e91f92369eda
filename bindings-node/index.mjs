import wayfare from './index.js'

export const { Journey, Profile, View, Diagnostic, WayfareError, templateNames, templateText, journeySchema, rfmCuts } = wayfare
