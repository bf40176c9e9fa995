import { readFile } from "node:fs/promises";
import type { RequiredRehearsal } from "../../migration/rehearse/require-rehearsal.ts";
import { parseDuration } from "./duration.ts";
import { wrongUsage } from "./usage.ts";

/** What `up` is told of a rehearsal. */
export interface RequireFlags {
  readonly requireRehearsal?: string | undefined;
  readonly maxAge?: string | undefined;
}

const DEFAULT_AGE = "24h";

/**
 * Reads the report that `up` requires; undefined where it requires none. What is in it is for `up` to judge.
 *
 * @throws ConfigurationError `usage_invalid`.
 */
export async function readRequired({
  requireRehearsal,
  maxAge,
}: RequireFlags): Promise<RequiredRehearsal | undefined> {
  if (requireRehearsal === undefined) {
    if (maxAge === undefined) return undefined;
    throw wrongUsage(
      "--max-age goes with --require-rehearsal: it says how old that report may be.",
      "authgraft up --require-rehearsal rehearsal.json --max-age 24h",
    );
  }
  const milliseconds = parseDuration(maxAge ?? DEFAULT_AGE);
  if (milliseconds === undefined) {
    throw wrongUsage(`--max-age is "${maxAge}".`, "Give it a number and a unit, such as 90m, 24h or 7d.");
  }
  const text = await readFile(requireRehearsal, "utf8").catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw wrongUsage(
      `--require-rehearsal: ${requireRehearsal} cannot be read: ${reason}.`,
      `authgraft rehearse writes it with --report ${requireRehearsal}`,
      cause,
    );
  });
  return { rehearsal: parsed(text), maxAgeSeconds: milliseconds / 1_000 };
}

/** What is no JSON is no report either. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
