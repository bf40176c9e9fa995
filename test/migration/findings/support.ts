import { beforeAll, expect, test } from "vitest";
import { parseConfiguration } from "../../../src/config/parse.ts";
import type { ConfigurationInput } from "../../../src/config/schema.ts";
import type { Finding } from "../../../src/migration/finding.ts";
import { readSituation } from "../../../src/migration/read-situation.ts";
import { connect } from "../../../src/postgres/connect.ts";
import { prepareSession } from "../../../src/postgres/migration-session.ts";
import { OWNER } from "../../support/owner.ts";
import { createTestDatabase, type TestDatabase, type TestDatabaseOptions } from "../../support/postgres.ts";

/** How the findings are asked for: as the owner and with an empty configuration unless told otherwise. */
export interface Asking {
  readonly configuration?: ConfigurationInput;
  readonly url?: string;
}

/** The findings of `plan`, on a connection made like its own. Each one's evidence is run again, as pasted. */
export async function findingsOf(database: TestDatabase, asking: Asking = {}): Promise<readonly Finding[]> {
  return findingsAt(asking.url ?? database.url, database.superuserUrl, asking.configuration);
}

/** The same by connection strings: of the role that asks, and of the one that pastes the evidence. */
export async function findingsAt(
  url: string,
  pastingUrl = url,
  configuration: ConfigurationInput = {},
): Promise<readonly Finding[]> {
  const client = await connect(url, { applicationName: "authgraft plan" });
  await prepareSession(client, { readOnly: true });
  const { findings } = await readSituation(client, parseConfiguration(configuration)).finally(() =>
    client.end(),
  );
  const pasting = await connect(pastingUrl, { applicationName: "psql" });
  for (const { evidence } of findings) if (evidence !== null) await pasting.query(evidence.sql);
  await pasting.end();
  return findings;
}

/** The findings of one code. */
export async function findingsWith(code: string, database: TestDatabase, asking?: Asking) {
  return (await findingsOf(database, asking)).filter((finding) => finding.code === code);
}

/** A database in which one thing stands that a check is to find. */
export interface Case {
  readonly name: string;
  readonly code: string;
  readonly severity: "refusal" | "acceptable" | "warning";
  readonly object: string;
  /** Run as the owner, or the superuser. */
  readonly plant: string;
  readonly as?: "superuser";
  /** Default: sample A. */
  readonly start?: TestDatabaseOptions;
  /** For what a transaction does not take, or only another session sees: a database of its own. */
  readonly alone?: true;
  readonly configuration?: ConfigurationInput;
  /** What the message and the fix must tell. */
  readonly tells: readonly (string | RegExp)[];
  /** What following the fix means where it is a sentence; else the fix itself is run. */
  readonly remedy?: string | { readonly configuration: ConfigurationInput };
}

/** Where a case is played: something that runs statements, and something that asks for the findings. */
interface Stage {
  run(sql: string): Promise<void>;
  ask(configuration: ConfigurationInput | undefined): Promise<readonly Finding[]>;
}

const SAMPLE_A: TestDatabaseOptions = { sample: "a" };

/** Plants each case, sees it found, follows the fix, and sees the finding gone. */
export function testCases(cases: readonly Case[]): void {
  const databases = new Map<string, TestDatabase>();
  beforeAll(async () => {
    for (const { start = SAMPLE_A, alone } of cases) {
      const key = JSON.stringify(start);
      if (alone !== true && !databases.has(key)) databases.set(key, await createTestDatabase(start));
    }
  });
  test.for(cases.map((one) => [one.name, one] as const))("%s", async ([, one]) => {
    const shared = databases.get(JSON.stringify(one.start ?? SAMPLE_A));
    if (one.alone === true || shared === undefined) await play(one, await ownStage(one));
    else await playInTransaction(one, shared);
  });
}

async function play(one: Case, { run, ask }: Stage): Promise<void> {
  await run(one.plant);
  const found = (await ask(one.configuration)).filter(({ code }) => code === one.code);
  const finding = found.find(({ object }) => object === one.object);
  expect(finding, JSON.stringify(found)).toBeDefined();
  if (finding === undefined) return;
  expect(finding.severity).toBe(one.severity === "warning" ? "warning" : "refusal");
  expect(finding.acceptable).toBe(one.severity === "acceptable");
  expect(finding.evidence?.answer).toBeTruthy();
  for (const told of one.tells) expect(`${finding.message}\n${finding.fix}`).toMatch(told);

  const { remedy = finding.fix } = one;
  if (typeof remedy === "string") await run(remedy);
  const left = await ask(typeof remedy === "string" ? one.configuration : remedy.configuration);
  expect(left.filter(({ code, object }) => code === one.code && object === one.object)).toEqual([]);
}

async function ownStage({ start = SAMPLE_A, as }: Case): Promise<Stage> {
  const database = await createTestDatabase(start);
  return {
    ask: (configuration) => findingsOf(database, configuration === undefined ? {} : { configuration }),
    run: async (sql) => {
      const client = await database.client(as === "superuser" ? database.superuserUrl : database.url);
      await client.query(sql);
      await client.end();
    },
  };
}

/** A database for each would take ten times as long: the cases share one, and each is rolled back. */
async function playInTransaction(one: Case, database: TestDatabase): Promise<void> {
  const client = await database.client(database.superuserUrl);
  await prepareSession(client, { readOnly: false });
  const as = async (role: string, path: string) => {
    await client.query(`SET LOCAL ROLE ${role}; SET LOCAL search_path = ${path}`);
  };
  const stage: Stage = {
    run: async (sql) => {
      await as(one.as === "superuser" ? "none" : OWNER.name, "public");
      await client.query(sql);
    },
    ask: async (configuration = {}) => {
      await as(OWNER.name, "pg_catalog, pg_temp");
      const { findings } = await readSituation(client, parseConfiguration(configuration));
      await as("none", "public");
      for (const { evidence } of findings) if (evidence !== null) await client.query(evidence.sql);
      return findings;
    },
  };
  await client.query("BEGIN");
  await play(one, stage);
  await client.query("ROLLBACK");
  await client.end();
}
