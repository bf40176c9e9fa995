import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { TEST_SECRET } from "../support/auth.ts";
import { eventually } from "../support/eventually.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { openMailing, queued, RESET } from "./support/mailing.ts";
import { startSmtpServer } from "./support/smtp-server.ts";

const PROGRAM = fileURLToPath(new URL("support/hold-mail.ts", import.meta.url));

test("a server that is killed with a mail in hand leaves it to another one", async () => {
  const database = await createTestDatabase({ sample: "b", grafted: {} });
  const { promise: asked, resolve: isAsked } = Promise.withResolvers<void>();
  const stuck = await startSmtpServer({}, { onMail: () => new Promise(() => isAsked()) });
  const queueing = openMailing(database, { url: stuck.url });
  await queueing.mailer.stop();
  await queueing.send(RESET);
  const child = spawn(process.execPath, [PROGRAM, database.url, stuck.url, TEST_SECRET], { stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  await asked;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
  expect(await queued(database)).toBe(1);
  const { url, received } = await startSmtpServer();
  openMailing(database, { url });
  await eventually(() => received.map(({ to }) => to[0])).toEqual([RESET.to]);
  await eventually(() => queued(database)).toBe(0);
});
