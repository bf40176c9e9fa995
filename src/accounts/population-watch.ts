import type { Passwords } from "../passwords/passwords.ts";
import { countHashes, type HashPopulation, sampled } from "../passwords/population.ts";
import { isUnexpected } from "../passwords/stored-hash.ts";
import type { Pool } from "../postgres/client.ts";
import { quoteIdentifier } from "../postgres/identifiers.ts";
import { withTransaction } from "../postgres/transaction.ts";
import { describeError } from "./describe-error.ts";
import type { Logger } from "./logger.ts";
import type { UsersTable } from "./users-table.ts";

/** Looks now and then which classes of hash there are, so that failures go on costing what the slowest costs. */
export interface PopulationWatch {
  stop(): void;
}

interface Parts {
  readonly pool: Pool;
  readonly table: UsersTable;
  readonly passwords: Passwords;
  readonly logger: Logger;
}

/** Milliseconds between two looks. A class that comes up between them is measured at its first failed login. */
const INTERVAL = 60 * 60 * 1_000;

/** Users that a look reads at most, about; of a larger table a part of the pages. */
const SAMPLE = 200_000;

/** Looks once, and then every hour. A look that fails is logged, and the next one tries again. */
export async function watchPopulation(parts: Parts): Promise<PopulationWatch> {
  await look(parts);
  const timer = setInterval(() => void look(parts), INTERVAL);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

async function look({ pool, table, passwords, logger }: Parts): Promise<void> {
  try {
    const population = await count(pool, table, passwords);
    await passwords.learn(population.classes);
    const unusable = population.counts.filter(({ fault }) => isUnexpected(fault));
    if (unusable.length > 0) {
      logger.warn({ password_hashes: unusable }, "some users have a password hash that verifies nothing");
    }
  } catch (error) {
    logger.warn({ error: describeError(error) }, "the formats of the password hashes could not be counted");
  }
}

function count(pool: Pool, table: UsersTable, { read }: Passwords): Promise<HashPopulation> {
  const source = {
    table: table.name,
    column: quoteIdentifier(table.mapping.password_hash),
    ...sampled(table.relation.estimatedRows, SAMPLE),
  };
  return withTransaction(pool, (client) => countHashes(client, source, read));
}
