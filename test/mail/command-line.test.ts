import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { readSmtpUrl } from "../../src/cli/secrets.ts";
import { putIntoQueue } from "../../src/mail/queue.ts";
import { createSealedTexts } from "../../src/tokens/sealed-text.ts";
import { requireSecrets } from "../../src/tokens/secret.ts";
import { authgraft, makeDirectory, start } from "../cli/command-line.ts";
import { TEST_SECRET } from "../support/auth.ts";
import { eventually } from "../support/eventually.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { RESET } from "./support/mailing.ts";
import { startSmtpServer } from "./support/smtp-server.ts";

const directory = makeDirectory();
const environment = { AUTHGRAFT_SECRET: TEST_SECRET };
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ sample: "b", grafted: {} });
});

function configurationFile(name: string, configuration: object): string {
  const path = join(directory, `${name}.json`);
  writeFileSync(path, JSON.stringify(configuration));
  return path;
}

function serveArgs(file: string): string[] {
  return ["serve", "--database-url", database.url, "--port", "0", "--config", file];
}

test("serve takes the mail server from the environment, or from the file that it names, and shows it nowhere", async () => {
  const { port, received } = await startSmtpServer({
    onAuth: ({ username }, _, callback) => callback(null, { user: username }),
  });
  const file = join(directory, "smtp-url");
  writeFileSync(file, `smtp://shop:canary@127.0.0.1:${port}\n`);
  const texts = createSealedTexts(requireSecrets(TEST_SECRET), "texts");
  const sealed = await texts.seal(JSON.stringify({ ...RESET, language: "fr" }));
  await putIntoQueue(database.pool(), "authgraft", { sealed, lifetime: 3_600 });
  const config = configurationFile("from", { mail: { from: "shop@example.com", application: "Boutique" } });
  const server = start(serveArgs(config), { environment: { ...environment, AUTHGRAFT_SMTP_URL_FILE: file } });
  await eventually(() => received.length).toBe(1);
  server.child.kill("SIGTERM");
  const { code, stdout, stderr } = await server.outcome;
  expect(code).toBe(0);
  expect(received).toMatchObject([{ user: "shop", to: ["ada@example.com"] }]);
  expect(stdout + stderr).toContain("a mail was sent");
  expect(stdout + stderr).not.toMatch(/canary|ada@/);
});

test("a mail server without mail.from, or one that is no URL, is refused without showing it: 2", async () => {
  const none = configurationFile("none", {});
  const from = configurationFile("sender", { mail: { from: "shop@example.com" } });
  const [missing, wrong] = await Promise.all([
    authgraft(serveArgs(none), {
      environment: { ...environment, AUTHGRAFT_SMTP_URL: "smtp://u:canary@127.0.0.1" },
    }),
    authgraft(serveArgs(from), {
      environment: { ...environment, AUTHGRAFT_SMTP_URL: "smtp://u:can/canary@x" },
    }),
  ]);
  expect([missing.code, wrong.code]).toEqual([2, 2]);
  expect(missing.said).toContain('There is a mail server, and no "mail.from".');
  expect(wrong.said).toContain("The URL of the mail server is not an SMTP URL.");
  for (const { stdout, stderr } of [missing, wrong]) expect(stdout + stderr).not.toContain("canary");
});

test("serve refuses to be in development and in production at once: 2", async () => {
  const config = configurationFile("development", { development: true });
  const refused = await authgraft(serveArgs(config), {
    environment: { ...environment, NODE_ENV: "production" },
  });
  expect(refused.code).toBe(2);
  expect(refused.said).toContain('"development" is true, and NODE_ENV is production.');
});

test("serve says where the outbox is in development", async () => {
  const config = configurationFile("developing", { development: true });
  const server = start(serveArgs(config), { environment });
  const [, outbox = ""] = await server.until(/mails are shown at (http:\S+)/);
  const response = await fetch(outbox, { headers: { accept: "application/json" } });
  expect(await response.json()).toEqual({ mails: [] });
  server.child.kill("SIGTERM");
  expect((await server.outcome).code).toBe(0);
});

test("the URL is set once: as a variable or as a file that is there and not empty", async () => {
  const empty = join(directory, "empty");
  writeFileSync(empty, "\n");
  expect(await readSmtpUrl({})).toBeUndefined();
  expect(await readSmtpUrl({ AUTHGRAFT_SMTP_URL: "" })).toBeUndefined();
  expect(await readSmtpUrl({ AUTHGRAFT_SMTP_URL: "smtp://localhost" })).toBe("smtp://localhost");
  for (const wrong of [
    { AUTHGRAFT_SMTP_URL: "smtp://localhost", AUTHGRAFT_SMTP_URL_FILE: empty },
    { AUTHGRAFT_SMTP_URL_FILE: empty },
    { AUTHGRAFT_SMTP_URL_FILE: join(directory, "nowhere") },
  ])
    await expect(readSmtpUrl(wrong)).rejects.toMatchObject({ code: "configuration_invalid" });
});
