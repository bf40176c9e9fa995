/** Tries to tell failed logins apart by how long they take: `npm run test:timing -- --logins 200`. */
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { makeGraftedSample, startDatabaseServer } from "../support/database-server.ts";
import { startAuthgraft } from "../support/server-process.ts";
import { KINDS } from "./kinds.ts";
import { comparePairs, LEVEL, type Sample, sensitivity } from "./pairs.ts";
import { populate } from "./population.ts";
import { describePair, sampleTable } from "./report.ts";
import { timeLogins } from "./time-logins.ts";
import { timeUnlevelled } from "./time-unlevelled.ts";

/** How many failures of each kind it takes to decide whether kinds can be told apart. */
const LEAST = 200;

/** In the control a few kinds, of which each has work of its own. */
const CONTROLLED = KINDS.slice(0, 4);

const USERS = 2_000;

/** Failures are counted as ever, and there may be as many as it takes. */
const NEVER_REACHED = { failuresPerAccount: { most: 1_000_000 }, failuresPerAddress: { most: 1_000_000 } };

const { values } = parseArgs({ options: { logins: { type: "string", default: "250" } } });
const times = Number(values.logins);
if (!Number.isInteger(times) || times < LEAST)
  throw new Error(`--logins takes a whole number from ${LEAST} on.`);

async function measure(): Promise<Sample[]> {
  const database = await startDatabaseServer(false);
  try {
    const url = await database.createDatabase("timing");
    await makeGraftedSample(url, USERS);
    const password = randomBytes(9).toString("base64url");
    const people = await populate(url, KINDS, password);
    const server = await startAuthgraft(url, database.directory, { throttling: NEVER_REACHED });
    try {
      return await timeLogins(people, { origin: server.origin, password, times });
    } finally {
      await server.stop();
    }
  } finally {
    await database.remove();
  }
}

console.log(
  `${times} failed logins of each of ${KINDS.length} kinds over HTTP, one at a time, in an order drawn anew`,
);
const samples = await measure();
console.log(`\n${sampleTable(samples)}\n`);
const pairs = comparePairs(samples);
const told = pairs.filter(({ probability }) => probability < LEVEL);
for (const pair of told.length > 0 ? told : pairs.slice(0, 1)) console.log(describePair(pair));
console.log(
  `A difference of ${sensitivity(samples).toFixed(2)} ms would have been told (median of the pairs).`,
);

console.log("\nThe control: the same in the hashing pool alone, without the levelling");
const control = await timeUnlevelled(CONTROLLED, times);
console.log(`\n${sampleTable(control)}\n`);
const missed = comparePairs(control).filter(({ probability }) => probability >= LEVEL);
for (const pair of missed) console.log(`not told apart: ${describePair(pair)}`);

console.log(
  `\n${told.length} of ${pairs.length} pairs told apart at ${100 * LEVEL} % (rank test, Holm's correction); ` +
    `the control ${missed.length === 0 ? "was told apart in every pair" : "WAS NOT TOLD APART"}.`,
);
console.log(told.length === 0 && missed.length === 0 ? "Passed." : "Failed.");
if (told.length > 0 || missed.length > 0) process.exitCode = 1;
