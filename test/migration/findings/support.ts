import { expect, test } from "vitest";
import { parseConfiguration } from "../../../src/config/parse.ts";
import type { ConfigurationInput } from "../../../src/config/schema.ts";
import type { Finding } from "../../../src/migration/finding.ts";
import { readSituation } from "../../../src/migration/read-situation.ts";
import { prepareSession } from "../../../src/postgres/migration-session.ts";
import { createTestDatabase, type TestDatabase, type TestDatabaseOptions } from "../../support/postgres.ts";

/** How the findings are asked for: as the owner and with an empty configuration unless told otherwise. */
export interface Asking {
  readonly configuration?: ConfigurationInput;
  readonly url?: string;
}

/** The findings of `plan`, on a connection made like its own. Each one's evidence is run again, as pasted. */
export async function findingsOf(database: TestDatabase, asking: Asking = {}): Promise<readonly Finding[]> {
  const client = await database.client(asking.url ?? database.url);
  await prepareSession(client, { readOnly: true });
  const { findings } = await readSituation(client, parseConfiguration(asking.configuration ?? {}));
  await client.end();
  const pasted = await database.client(database.superuserUrl);
  for (const { evidence } of findings) if (evidence !== null) await pasted.query(evidence.sql);
  await pasted.end();
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
  readonly start?: TestDatabaseOptions;
  readonly configuration?: ConfigurationInput;
  /** What the message and the fix must tell. */
  readonly tells: readonly (string | RegExp)[];
  /** What following the fix means where it is a sentence; else the fix itself is run. */
  readonly remedy?: string | { readonly configuration: ConfigurationInput };
}

/** Plants each case, sees it found, follows the fix, and sees the finding gone. */
export function testCases(cases: readonly Case[]): void {
  test.for(cases.map((one) => [one.name, one] as const))("%s", async ([, one]) => {
    const database = await createTestDatabase(one.start ?? { sample: "a" });
    const run = async (sql: string) => {
      const client = await database.client(one.as === "superuser" ? database.superuserUrl : database.url);
      await client.query(sql);
      await client.end();
    };
    await run(one.plant);
    const asking = { ...(one.configuration && { configuration: one.configuration }) };
    const found = await findingsWith(one.code, database, asking);
    const finding = found.find(({ object }) => object === one.object);
    expect(finding, JSON.stringify(found)).toBeDefined();
    if (finding === undefined) return;
    expect(finding.severity).toBe(one.severity === "warning" ? "warning" : "refusal");
    expect(finding.acceptable).toBe(one.severity === "acceptable");
    expect(finding.evidence?.answer).toBeTruthy();
    for (const told of one.tells) expect(`${finding.message}\n${finding.fix}`).toMatch(told);

    const { remedy = finding.fix } = one;
    if (typeof remedy === "string") await run(remedy);
    const configuration = typeof remedy === "string" ? one.configuration : remedy.configuration;
    const left = await findingsWith(one.code, database, { ...(configuration && { configuration }) });
    expect(left.filter(({ object }) => object === one.object)).toEqual([]);
  });
}
