import { cpus, totalmem } from "node:os";
import { type DatabaseServer, startDatabaseServer } from "../../scripts/support/database-server.ts";
import { watchStolenTime } from "../passwords/stolen-time.ts";
import { makeApplication } from "./application.ts";
import { installPeers } from "./install-peers.ts";
import { measureHttp } from "./measure-http.ts";
import { measureLag } from "./measure-lag.ts";
import { measureMissed } from "./measure-missed.ts";
import { measureOutage } from "./measure-outage.ts";
import { measureSet } from "./measure-set.ts";
import { measureVerify } from "./measure-verify.ts";
import type { CrowdedApplication, Measuring } from "./measuring.ts";
import type { BenchOptions, Measurement } from "./options.ts";
import type { BenchResults, Measured } from "./results.ts";
import { revokeTokens } from "./revoke-many.ts";

/** Tokens that are revoked where many are. */
const MANY = 1_000_000;

const MEASURE: {
  readonly [Name in Measurement]: (measuring: Measuring) => Promise<Measured[Name]>;
} = {
  verify: measureVerify,
  http: measureHttp,
  lag: measureLag,
  missed: measureMissed,
  set: measureSet,
  outage: measureOutage,
};

/** Measures everything that was asked for, and takes everything away again, also when it is stopped. */
export async function measureAll(
  options: BenchOptions,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<BenchResults> {
  const peers = await installPeers(say);
  const database = await startDatabaseServer(true);
  try {
    const crowded = makeCrowded(database, options);
    const done = await measureEach({ database, options, signal, say, crowded });
    return { ...surroundings(), postgres: database.version, peers, options, ...done };
  } finally {
    await database.remove();
  }
}

async function measureEach(
  measuring: Measuring,
): Promise<Pick<BenchResults, "stolen" | "seconds" | "measured">> {
  const stolen: Partial<Record<Measurement, number | null>> = {};
  const seconds: Partial<Record<Measurement, number>> = {};
  let measured: Measured = {};
  for (const name of measuring.options.only) {
    measuring.signal.throwIfAborted();
    measuring.say(`${name}:`);
    const [begun, taken] = [performance.now(), await watchStolenTime()];
    measured = { ...measured, [name]: await MEASURE[name](measuring) };
    stolen[name] = await taken();
    seconds[name] = Math.round((performance.now() - begun) / 1_000);
    measuring.say(`${name} took ${seconds[name]} s`);
  }
  return { stolen, seconds, measured };
}

/** Made by the first who wants it. */
function makeCrowded(database: DatabaseServer, { quick }: BenchOptions): () => Promise<CrowdedApplication> {
  const make = async () => {
    const revoked = quick ? MANY / 10 : MANY;
    const application = await makeApplication(database, "crowded");
    await revokeTokens(application.url, revoked);
    return { ...application, revoked };
  };
  let made: Promise<CrowdedApplication> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function surroundings() {
  const [first] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} × ${first?.model.trim() ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.versions.node,
  };
}
