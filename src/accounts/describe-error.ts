import { AuthgraftError } from "../errors.ts";
import { sqlState } from "../postgres/sqlstate.ts";

/** The fields of a PostgreSQL error that name things; the message and the detail may hold values of a row. */
const NAMES = ["severity", "schema", "table", "column", "constraint", "routine"] as const;

/**
 * An error as it is logged: enough to find the cause, and nothing that came from a request or a row.
 * PostgreSQL's own texts are left out (a failed constraint's detail is the whole row, hash included), and
 * so is what a parser says about its input.
 */
export function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { name: typeof error };
  const { name, cause } = error;
  const because = cause === undefined ? {} : { cause: describeError(cause) };
  const state = sqlState(error);
  if (state !== undefined) return { name, sqlstate: state, ...names(error), stack: frames(error) };
  const code = error instanceof AuthgraftError ? { code: error.code, ...fixOf(error) } : {};
  const message = error instanceof SyntaxError ? {} : { message: error.message };
  const several = error instanceof AggregateError ? { errors: error.errors.map(describeError) } : {};
  return { name, ...code, ...message, ...several, stack: frames(error), ...because };
}

function fixOf({ fix }: AuthgraftError): object {
  return fix === undefined ? {} : { fix };
}

function names(error: Error): object {
  const fields = NAMES.flatMap((name) => {
    const value: unknown = name in error ? Reflect.get(error, name) : undefined;
    return typeof value === "string" ? [[name, value]] : [];
  });
  return Object.fromEntries(fields);
}

/** A stack begins with the message: only the lines that say where. */
function frames(error: Error): string[] {
  const lines = error.stack?.split("\n") ?? [];
  return lines.filter((line) => /^\s+at /.test(line)).map((line) => line.trim());
}
