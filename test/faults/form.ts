/** Which form of the fault tests runs: the short one of every change, or the long one by hand (run.ts). */
const isLong = process.env.FAULTS_FORM === 'long';

/** @returns what fits the form that runs */
export const byForm = <T>(forms: { readonly short: T; readonly long: T }): T =>
  isLong ? forms.long : forms.short;
