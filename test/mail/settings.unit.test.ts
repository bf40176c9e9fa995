import { expect, test } from "vitest";
import { createAuth } from "../../src/auth.ts";
import { parseConfiguration } from "../../src/config/parse.ts";
import type { ConfigurationInput } from "../../src/config/schema.ts";
import { readMailSettings } from "../../src/mail/settings.ts";
import { writeMail } from "../../src/mail/write-mail.ts";
import { TEST_SECRET } from "../support/auth.ts";
import { LINK } from "./support/mailing.ts";

const read = (input: ConfigurationInput, url?: string) => readMailSettings(parseConfiguration(input), url);
const from = "no-reply@shop.example.com";

test("without a mail server there is no mail, but in development an outbox", () => {
  expect(read({})).toBeNull();
  expect(read({ mail: { from } })).toBeNull();
  expect(read({ development: true, publicUrl: "https://shop.example.com:8443/x" })).toMatchObject({
    ...{ smtp: null, hasOutbox: true, application: "shop.example.com:8443" },
    from: { name: "", address: "no-reply@shop.example.com" },
  });
  expect(read({ development: true, mail: { from, url: "smtp://localhost:1025" } })).toMatchObject({
    ...{ hasOutbox: true, smtp: { host: "localhost", port: 1025 } },
  });
});

test("the URL that is given beside the configuration wins over the one in it", () => {
  const mail = { from, url: "smtp://one.example.com", application: "Shop" };
  expect(read({ mail })).toMatchObject({
    smtp: { host: "one.example.com" },
    hasOutbox: false,
    application: "Shop",
  });
  expect(read({ mail }, "smtps://two.example.com")).toMatchObject({
    smtp: { host: "two.example.com", secure: true },
  });
});

test("a mail server without mail.from is refused before anything is opened", async () => {
  const opening = createAuth({
    ...{ database: "postgres://nobody@127.0.0.1:1/nowhere", secret: TEST_SECRET },
    smtpUrl: "smtp://user:canary@mail.example.com",
  });
  await expect(opening).rejects.toMatchObject({
    code: "configuration_invalid",
    message: 'There is a mail server, and no "mail.from".',
    fix: expect.not.stringContaining("canary"),
  });
});

const OCCASION = { kind: "reset-password", language: "de", details: { link: LINK, name: "Ada" } } as const;

function write(templates: NonNullable<ConfigurationInput["mail"]>["templates"]) {
  const logs: string[] = [];
  const log = (details: object, message: string) => void logs.push(JSON.stringify({ ...details, message }));
  const mail = writeMail(OCCASION, { application: "Shop", templates }, { info: log, warn: log, error: log });
  return mail.then((written) => ({ written, logs }));
}

test("a template of the application's own is told everything, and its words are sent", async () => {
  const own = { subject: "S", text: "T", html: "<p>H" };
  const seen: unknown[] = [];
  const templates = async (...given: unknown[]) => {
    seen.push(...given);
    return own;
  };
  expect(await write(templates)).toEqual({ written: own, logs: [] });
  expect(seen).toEqual(["reset-password", { application: "Shop", link: LINK, name: "Ada" }, "de"]);
});

test("where it has no words for a mail, ours are sent", async () => {
  const { written, logs } = await write(() => null);
  expect(written.subject).toBe("Neues Passwort für Shop");
  expect(logs).toEqual([]);
});

test.each([
  [
    "throws",
    () => {
      throw new Error(`no template for ${LINK} of ada@example.com`);
    },
  ],
  ["rejects with what is no error", () => Promise.reject(LINK)],
  ["answers half a mail", () => ({ subject: "S", text: LINK }) as never],
  ["answers nothing", () => undefined as never],
])("where it %s, ours are sent, and the log says where without what it was given", async (_, templates) => {
  const { written, logs } = await write(templates);
  expect(written.text).toContain(LINK);
  expect(written.subject).toBe("Neues Passwort für Shop");
  expect(logs.join()).toContain("mail.templates failed");
  expect(logs.join()).not.toMatch(/canary|token|ada@/);
});
