/** As much of createdb as the pages use: `--template=NAME NAME`, as the superuser in AUTHGRAFT_TEST_SUPERUSER_URL. */
import { parseArgs } from "node:util";
import pg from "pg";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { template: { type: "string" } },
});
const client = new pg.Client({ connectionString: process.env.AUTHGRAFT_TEST_SUPERUSER_URL });
await client.connect();
const [name, template, owner] = [positionals[0], values.template, process.env.AUTHGRAFT_TEST_OWNER].map(
  (text) => client.escapeIdentifier(text ?? ""),
);
await client.query(`CREATE DATABASE ${name} TEMPLATE ${template} OWNER ${owner}`);
await client.end();
