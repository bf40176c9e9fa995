/**
 * For a transaction that reads a page: what finds little may look through everything, and must not do so for long; and
 * what is looked for decides by which index.
 */
export const READ_SETTINGS =
  "SET LOCAL statement_timeout TO '5s'; SET LOCAL plan_cache_mode TO force_custom_plan; SET LOCAL jit TO off";
