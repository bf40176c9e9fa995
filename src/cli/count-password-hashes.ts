import { withReader } from "../migration/run/open-run.ts";
import type { Situation } from "../migration/situation.ts";
import type { HashPopulation } from "../passwords/population.ts";
import { qualify, quoteIdentifier } from "../postgres/identifiers.ts";
import { findColumn } from "../users-table/relation.ts";
import type { CommandContext } from "./command.ts";

/** What stands in a users table's column of password hashes, for `inspect` and `plan`. */
export interface CountedHashes extends HashPopulation {
  /** Whether only a part of the table was read. */
  readonly isSample: boolean;
}

/**
 * Counts the formats in the column of hashes that the table has already; null where it has none.
 *
 * @param most - about how many users are read; all of them where absent.
 */
export async function countPasswordHashes(
  context: CommandContext,
  { users, mapping }: Situation,
  most?: number,
): Promise<CountedHashes | null> {
  if (findColumn(users, mapping.password_hash) === undefined) return null;
  // The formats bring native libraries with them, which a plan for a table without hashes does without.
  const { countHashes, sampled } = await import("../passwords/population.ts");
  const { createHashReader } = await import("../passwords/registry.ts");
  const source = {
    table: qualify(users.schema, users.name),
    column: quoteIdentifier(mapping.password_hash),
    ...sampled(users.estimatedRows, most ?? Number.POSITIVE_INFINITY),
  };
  const read = createHashReader(context.configuration.passwords.legacy);
  const counted = await withReader(context, async (client) => {
    await client.query("BEGIN");
    const population = await countHashes(client, source, read);
    await client.query("COMMIT");
    return population;
  });
  return { ...counted, isSample: "samplePercent" in source };
}

/** The counts as `--json` prints them. */
export function hashesToJson({ counts, without, isSample }: CountedHashes) {
  return {
    sample: isSample,
    users_without: without,
    formats: counts.map(({ format, fault, reason, users }) => ({
      ...{ format, users, verifies: fault === null, fault, reason },
    })),
  };
}
