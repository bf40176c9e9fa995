/** How long `plan` takes beside 1,000 tables: the look at the catalog alone, and the whole command. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { loadSample } from "../src/embedded/samples/load.ts";
import { startEmbeddedPostgres } from "../src/embedded/server.ts";
import { inspect } from "../src/migration/status.ts";
import { connect } from "../src/postgres/connect.ts";
import { head, line, measure } from "./report.ts";

const TABLES = 1_000;
const RUNS = 11;

const directory = await mkdtemp(join(tmpdir(), "authgraft-bench-"));
const server = await startEmbeddedPostgres({ dataDirectory: join(directory, "data"), durable: false });
try {
  const client = await connect(server.url, { applicationName: "bench" });
  await loadSample(client, "b");
  await client.query(`DO $$ BEGIN FOR i IN 1..${TABLES} LOOP
    EXECUTE format('CREATE TABLE shop_%s (id bigint PRIMARY KEY, user_id uuid REFERENCES public.users, email text UNIQUE, note text)', i);
    END LOOP; END $$`);
  await client.query("ANALYZE");
  await client.end();
  const command = () =>
    promisify(execFile)(process.execPath, [
      "src/cli/main.ts",
      "plan",
      "--json",
      "--database-url",
      server.url,
    ]);
  await command();
  console.log(head(server.version));
  console.log(
    line(
      `the catalog read and the plan made, ${TABLES} tables`,
      await measure(RUNS, async () => void (await inspect({ databaseUrl: server.url }))),
    ),
  );
  console.log(
    line(
      `authgraft plan --json, the whole process, ${TABLES} tables`,
      await measure(RUNS, async () => void (await command())),
    ),
  );
  console.log(
    line(
      "node --eval 0, for comparison",
      await measure(RUNS, async () => void (await promisify(execFile)(process.execPath, ["--eval", "0"]))),
    ),
  );
} finally {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
}
