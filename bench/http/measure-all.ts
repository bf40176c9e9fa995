import { startDatabaseServer } from "../../scripts/support/database-server.ts";
import { installBetterAuth } from "../passwords/install-better-auth.ts";
import { watchStolenTime } from "../passwords/stolen-time.ts";
import { machine } from "../report.ts";
import { CONNECTIONS, measureRates } from "./measure-rates.ts";
import { measureRestarts } from "./measure-restarts.ts";
import type { HttpBenchOptions } from "./options.ts";
import type { HttpBenchResults } from "./results.ts";

/** Measures everything, and takes everything away again, also when it is stopped. */
export async function measureAll(
  options: HttpBenchOptions,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<HttpBenchResults> {
  const betterAuth = await installBetterAuth(say);
  const database = await startDatabaseServer(true);
  const stolen = await watchStolenTime();
  try {
    const rates = await measureRates(database, options, { signal, say });
    const restarts = await measureRestarts(options, { signal, say });
    return {
      date: new Date().toISOString().slice(0, 10),
      machine: machine(database.version),
      ...{ betterAuth, options, connections: CONNECTIONS, rates, restarts },
      stolen: await stolen(),
    };
  } finally {
    await database.remove();
  }
}
