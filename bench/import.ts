/** How fast users are imported with their hashes, into an empty table and into one that has them, and in how much memory. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EmbeddedServer, startEmbeddedPostgres } from "../src/embedded/server.ts";
import { up } from "../src/migration/up.ts";
import { connect } from "../src/postgres/connect.ts";
import { machine } from "./report.ts";

const SIZES = [100_000, 1_000_000] as const;
const RUNS = 3;

/** Durable, as in production; as much memory as a small server has. */
const SETTINGS = { shared_buffers: "512MB", max_wal_size: "8GB", checkpoint_timeout: "30min" };

/** Says at its end how much memory a process had at the most, in KiB. */
const TELL_PEAK = `data:text/javascript,${encodeURIComponent(
  'process.on("exit", () => process.stderr.write("peak " + process.resourceUsage().maxRSS + "\\n"))',
)}`;

interface Taken {
  readonly seconds: number;
  readonly peakMegabytes: number;
}

/** A CSV of as many users, half with bcrypt hashes and half with argon2id. */
async function writeFile(path: string, rows: number): Promise<void> {
  const file = createWriteStream(path);
  file.write("id,email,username,password_hash,created_at\n");
  for (let row = 1; row <= rows; row++) {
    const hash = row % 2 === 0 ? bcryptText() : argon2Text();
    const line = `${row},user${row}@example.com,user${row},"${hash}",2024-02-29T12:00:00Z\n`;
    if (!file.write(line)) await once(file, "drain");
  }
  file.end();
  await once(file, "close");
}

/** The last character of a part of bcrypt's has bits that no byte fills: it is one that leaves them empty. */
function bcryptText(): string {
  const letters = randomBytes(39).toString("base64").replaceAll("+", ".").replaceAll("=", "");
  return `$2b$10$${letters.slice(0, 21)}.${letters.slice(21, 51)}.`;
}

function argon2Text(): string {
  const part = (bytes: number) => randomBytes(bytes).toString("base64").replaceAll("=", "");
  return `$argon2id$v=19$m=65536,t=3,p=4$${part(16)}$${part(32)}`;
}

async function makeTable(server: EmbeddedServer, name: string): Promise<string> {
  const url = new URL(server.url);
  const administrator = await connect(server.url, { applicationName: "bench" });
  await administrator.query(`CREATE DATABASE ${name}`).finally(() => administrator.end());
  url.pathname = `/${name}`;
  await query(
    url.href,
    "CREATE TABLE users (id bigserial PRIMARY KEY, username varchar(50) UNIQUE, created_at timestamptz NOT NULL DEFAULT now())",
  );
  await up({ databaseUrl: url.href });
  return url.href;
}

async function query(url: string, ...statements: readonly string[]): Promise<void> {
  const client = await connect(url, { applicationName: "bench" });
  for (const statement of statements) await client.query(statement);
  await client.end();
}

async function importFile(url: string, path: string): Promise<Taken> {
  const begun = performance.now();
  const args = [
    "--import",
    TELL_PEAK,
    "src/cli/main.ts",
    "users",
    "import",
    path,
    "--yes",
    "--database-url",
    url,
  ];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`The import ended with ${code}: ${said}`);
  const peak = Number(/^peak (\d+)$/m.exec(said)?.[1]);
  return { seconds: (performance.now() - begun) / 1_000, peakMegabytes: peak / 1_024 };
}

function line(what: string, rows: number, taken: readonly Taken[]): string {
  const seconds = taken.map((one) => one.seconds).sort((one, other) => one - other);
  const median = seconds[Math.floor(seconds.length / 2)] ?? 0;
  const peak = Math.max(...taken.map((one) => one.peakMegabytes));
  const count = (number: number) => Math.round(number).toLocaleString("en");
  return `| ${what} | ${count(rows)} | ${median.toFixed(1)} | ${(seconds.at(-1) ?? 0).toFixed(1)} | ${count(rows / median)} | ${count(peak)} |`;
}

const directory = await mkdtemp(join(tmpdir(), "authgraft-bench-"));
const server = await startEmbeddedPostgres({ dataDirectory: join(directory, "data"), settings: SETTINGS });
try {
  console.log(`${machine(server.version)}\n`);
  console.log("| | rows | median s | slowest s | rows a second | peak MB |\n|---|---|---|---|---|---|");
  for (const rows of SIZES) {
    const path = join(directory, `${rows}.csv`);
    await writeFile(path, rows);
    const [made, added]: [Taken[], Taken[]] = [[], []];
    for (let run = 0; run < RUNS; run++) {
      const name = `users_${rows}_${run}`;
      const url = await makeTable(server, name);
      await query(url, "CHECKPOINT");
      made.push(await importFile(url, path));
      // As after years of use: no row has a password, and none has room left on its page.
      await query(url, "UPDATE users SET password_hash = NULL", "VACUUM FULL ANALYZE users", "CHECKPOINT");
      added.push(await importFile(url, path));
      await query(server.url, `DROP DATABASE ${name}`);
    }
    console.log(line("new users", rows, made));
    console.log(line("existing users get their passwords", rows, added));
  }
} finally {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
}
