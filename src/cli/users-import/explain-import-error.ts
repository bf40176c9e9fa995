import { mayRepeatValues } from "../../accounts/import/refusal-reason.ts";
import { AuthgraftError } from "../../errors.ts";
import { explainError } from "../../migration/run/explain-error.ts";
import { sqlState, violatedConstraint } from "../../postgres/sqlstate.ts";

/** What PostgreSQL said, as an error of ours that repeats nobody's values: neither in its words nor in its cause. */
export function explainImportError(error: unknown): unknown {
  if (error instanceof AuthgraftError || !mayRepeatValues(error)) return explainError(error);
  const name = violatedConstraint(error);
  const rule = name === undefined ? "a rule or a function of the application's own" : `"${name}"`;
  return explainError(Object.assign(new Error(`${rule} refuses it`), { code: sqlState(error) }));
}
