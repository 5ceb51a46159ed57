/**
 * For so long tenants of traces keep a few offers for jobs that may come, ms, as schedulers of batch jobs do (Aurora's for some
 * minutes): what finds room in them starts at once.
 */
export const keepsMs = 1_500_000;
