/** A catalog query that found something: what was asked, so that a person can ask again. */
export interface Evidence {
  readonly sql: string;
  /** What it answered, shortened: names and counts, never values of a column that holds secrets. */
  readonly answer: string;
}

/**
 * Something `plan` and `inspect` found in the way of the graft, or beside it.
 *
 * A refusal stops `up` before any statement. Some refusals can be accepted by their code once a person
 * has read them (`accept` in the configuration, `--accept CODE`); they become warnings then.
 */
export interface Finding {
  readonly code: string;
  readonly severity: "refusal" | "warning";
  readonly acceptable: boolean;
  /** The object it speaks of, as a person writes its name. */
  readonly object: string;
  readonly message: string;
  /** What to do: a statement to run, a setting to make. */
  readonly fix: string;
  readonly evidence: Evidence | null;
}
