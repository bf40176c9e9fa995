/**
 * Whether a server's memory stays as it is under load: `npm run soak`, ten minutes, or `--minutes N`. A real server on a
 * real PostgreSQL; ends with 1 where its memory grows steadily, or where it answered what it should not.
 */
import { pbkdf2Sync, randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { makeGraftedSample, query, startDatabaseServer } from "../support/database-server.ts";
import { addressOf, createClient } from "../support/http-client.ts";
import { startAuthgraft } from "../support/server-process.ts";
import { type Growth, growthOf, type Sample } from "./growth.ts";
import { keepAsking, type Tally } from "./load.ts";

const { values } = parseArgs({ options: { minutes: { type: "string", default: "10" } } });
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new Error("--minutes takes a number above 0.");

const CLIENTS = 8;

/** Seconds between two looks at the server's memory. */
const EVERY = Math.max(0.25, minutes / 10);

/** One round of PBKDF2: not the hashing is looked at, and nothing is to wait for it. */
const CHEAP = { passwords: { rehash: "never" }, metrics: true } as const;

const password = randomBytes(9).toString("base64url");

function cheapHash(): string {
  const salt = randomBytes(9).toString("base64url");
  return `pbkdf2_sha256$1$${salt}$${pbkdf2Sync(password, salt, 1, 32, "sha256").toString("base64")}`;
}

async function soak(): Promise<{ readonly samples: readonly Sample[]; readonly tally: Tally }> {
  const database = await startDatabaseServer(false);
  try {
    const url = await database.createDatabase("soak");
    await makeGraftedSample(url, 200);
    await query(url, "UPDATE public.users SET password_hash = $1", [cheapHash()]);
    const rows = await query<{ email: string }>(url, "SELECT email FROM public.users ORDER BY md5(email)");
    const server = await startAuthgraft(url, database.directory, CHEAP);
    try {
      const stop = new AbortController();
      const people = rows.slice(0, CLIENTS).map(({ email }, number) => ({ number, email, password }));
      const asking = people.map((person) => keepAsking(server.origin, person, stop.signal));
      // Whoever fails ends it all at once.
      const samples = await Promise.race([watch(server.origin), Promise.all(asking).then(() => [])]);
      stop.abort();
      return { samples, tally: sumOf(await Promise.all(asking)) };
    } finally {
      await server.stop();
    }
  } finally {
    await database.remove();
  }
}

async function watch(origin: string): Promise<Sample[]> {
  const client = createClient(origin, addressOf(6, 1));
  const samples: Sample[] = [];
  const begun = performance.now();
  const seconds = () => (performance.now() - begun) / 1_000;
  while (seconds() < minutes * 60) {
    await sleep(EVERY * 1_000);
    const { body } = await client.send("GET", "/metrics", {});
    const figure = (name: string) => {
      const [, value] = new RegExp(`^${name} (\\S+)$`, "m").exec(body) ?? [];
      if (value === undefined) throw new Error(`the server has no figure ${name}`);
      return Number(value);
    };
    const sample = {
      at: seconds(),
      heap: figure("nodejs_heap_size_used_bytes"),
      resident: figure("process_resident_memory_bytes"),
    };
    samples.push(sample);
    if (samples.length % 20 === 0)
      console.error(
        `${sample.at.toFixed(0)} s: heap ${mebibytes(sample.heap)}, resident ${mebibytes(sample.resident)}`,
      );
  }
  return samples;
}

function sumOf(tallies: readonly Tally[]): Tally {
  const sum: Tally = new Map();
  for (const [key, count] of tallies.flatMap((tally) => [...tally]))
    sum.set(key, (sum.get(key) ?? 0) + count);
  return sum;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function describe(name: string, { typical, grown, perHour, steadiness, isSteady }: Growth): string {
  const slope = `${mebibytes(perHour)} an hour by its slope`;
  return `${isSteady ? "FAILED" : "ok    "} ${name}: ${mebibytes(typical)}, ${mebibytes(grown)} more at the end, ${slope}, steadiness ${steadiness.toFixed(2)}`;
}

const { samples, tally } = await soak();
const growths = (["heap", "resident"] as const).map((figure) => ({
  figure,
  growth: growthOf(samples, figure),
}));
const failures = [...tally].filter(([key]) => /\b5\d\d$/.test(key));
const asked = [...tally.values()].reduce((sum, count) => sum + count, 0);
console.log(
  `${asked} requests in ${minutes} minutes, ${(asked / minutes / 60).toFixed(0)} a second, ${samples.length} looks`,
);
for (const { figure, growth } of growths) console.log(describe(figure, growth));
for (const [key, count] of failures) console.log(`FAILED ${count} answers ${key}`);
if (failures.length > 0 || growths.some(({ growth }) => growth.isSteady)) process.exitCode = 1;
