import { once } from "node:events";
import { SMTPServer } from "smtp-server";
import { expect, onTestFinished, test } from "vitest";
import { type RunningServer, serve } from "../../src/cli/serve.ts";
import { parseConfiguration } from "../../src/config/parse.ts";
import { TEST_SECRET } from "../support/auth.ts";
import { eventually } from "../support/eventually.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";

const ADA = { email: "ada@example.com", username: "ada-1815", password: "a tower of violins" };

const json = (body: object) => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

/** A mail server that says nothing until it is let go on. */
async function startSlowMailServer(): Promise<{
  readonly url: string;
  readonly received: string[];
  letGo(): void;
}> {
  const received: string[] = [];
  const held: (() => void)[] = [];
  let isHeld = true;
  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    onData(stream, _session, done) {
      let text = "";
      stream.on("data", (chunk: Buffer) => {
        text += chunk;
      });
      stream.on("end", () => {
        received.push(text);
        if (isHeld) held.push(() => done());
        else done();
      });
    },
  });
  const listening = server.listen(0, "127.0.0.1");
  await once(listening, "listening");
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const address = listening.address();
  const port = typeof address === "object" ? address?.port : 0;
  return {
    url: `smtp://127.0.0.1:${port}`,
    received,
    letGo() {
      isHeld = false;
      for (const go of held.splice(0)) go();
    },
  };
}

async function start(database: TestDatabase, mailUrl: string): Promise<RunningServer> {
  const server = await serve({
    databaseUrl: database.url,
    secret: TEST_SECRET,
    configuration: parseConfiguration({ port: 0, mail: { url: mailUrl, from: "Shop <shop@example.com>" } }),
    logger: { info() {}, warn() {}, error() {} },
  });
  onTestFinished(() => server.close());
  return server;
}

test("84. a server that stops finishes what it has answered already: a reset that was asked for is in the queue, the mail on its way arrives once, and no connection is left", async () => {
  const database = await createTestDatabase({ sample: "a", grafted: {} });
  const mail = await startSlowMailServer();
  const server = await start(database, mail.url);
  expect((await fetch(`${server.url}/v1/auth/register`, json(ADA))).status).toBe(201);
  await eventually(() => mail.received.length).toBe(1);

  const lock = await database.client();
  await lock.query("BEGIN; LOCK TABLE authgraft.one_time_tokens IN EXCLUSIVE MODE");
  const { status } = await fetch(`${server.url}/v1/auth/forgot-password`, json({ email: ADA.email }));
  expect(status).toBe(202);
  const closing = server.close();
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
  await lock.query("COMMIT");
  mail.letGo();
  await closing;

  const { rows } = await database.query<{ links: number; waiting: number; open: number }>(
    `SELECT (SELECT count(*)::int FROM authgraft.one_time_tokens WHERE purpose = 'reset_password') AS links,
            (SELECT count(*)::int FROM authgraft.mail_queue) AS waiting,
            (SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'authgraft') AS open`,
  );
  const [found] = rows;
  expect(found?.links).toBe(1);
  expect(found?.open).toBe(0);
  // Sent before the end, or kept for the next server: not both, and not neither.
  expect(mail.received.length + (found?.waiting ?? 0)).toBe(2);
});
