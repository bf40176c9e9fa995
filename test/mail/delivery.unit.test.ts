import { describe, expect, test } from "vitest";
import { readSender } from "../../src/mail/address.ts";
import type { Delivery, Message } from "../../src/mail/message.ts";
import { sendBySmtp } from "../../src/mail/send-by-smtp.ts";
import { readSmtpUrl } from "../../src/mail/smtp-url.ts";
import { LINK } from "./support/mailing.ts";
import { type Received, smtpError, startSmtpServer } from "./support/smtp-server.ts";

const MESSAGE: Message = {
  id: "6f1d9a0e-6b5c-4d52-9a53-3f6f4c6f2b11",
  kind: "reset-password",
  language: "en",
  from: { name: "Shop", address: "no-reply@shop.example.com" },
  to: "ada@example.com",
  subject: "Hello",
  text: "text\n",
  html: "<p>html</p>",
  link: LINK,
  queuedAt: Date.UTC(2026, 0, 2, 3, 4, 5),
};

async function deliver(url: string, message: Partial<Message> = {}): Promise<Delivery> {
  return sendBySmtp(readSmtpUrl(url))({ ...MESSAGE, ...message }, new AbortController().signal);
}

describe("a message", () => {
  test("has what other mail servers go by", async () => {
    const { url, received } = await startSmtpServer();
    expect(await deliver(url)).toEqual({ outcome: "sent" });
    const [{ headers }] = received as [Received];
    expect(headers.get("message-id")).toBe(`<${MESSAGE.id}@shop.example.com>`);
    expect(headers.get("date")).toBe("Fri, 02 Jan 2026 03:04:05 +0000");
    expect(headers.get("auto-submitted")).toBe("auto-generated");
    expect(headers.get("content-type")).toMatch(/^multipart\/alternative/);
    expect([...headers.keys()]).not.toContain("x-mailer");
  });

  test("cannot be given header fields by what it says", async () => {
    const { url, received } = await startSmtpServer();
    const injected = "Hello\r\nBcc: eve@example.com\r\n\r\n<b>body</b>";
    expect(await deliver(url, { subject: injected, from: { ...MESSAGE.from, name: injected } })).toEqual({
      outcome: "sent",
    });
    const [{ headers, to, raw }] = received as [Received];
    expect([...headers.keys()].sort()).toEqual(
      [
        "auto-submitted",
        "content-type",
        "date",
        "from",
        "message-id",
        "mime-version",
        "subject",
        "to",
      ].sort(),
    );
    expect(headers.get("subject")).toBe("Hello Bcc: eve@example.com <b>body</b>");
    expect(to).toEqual(["ada@example.com"]);
    expect(raw).not.toMatch(/^Bcc/im);
  });

  test.each([
    "ada@example.com, eve@example.com",
    "ada@example.com eve@example.com",
    "ada@example.com;eve@example.com",
    "Ada <ada@example.com>",
    "Friends: ada@example.com;",
    "ada@example.com>\r\nRCPT TO:<eve@example.com",
    "ada@example.com\0",
    "ada",
    "",
  ])("goes to one recipient, and nowhere where %j is the address", async (to) => {
    const { received, url } = await startSmtpServer();
    expect(await deliver(url, { to })).toEqual({ outcome: "refused", reason: { code: "EENVELOPE" } });
    expect(received).toEqual([]);
  });

  test("keeps umlauts, other scripts and emoji", async () => {
    const { url, received } = await startSmtpServer();
    const subject = "Bestätigen Sie 你好 👋";
    await deliver(url, { subject, text: `${subject}\n${"ü".repeat(2_000)}\n`, html: `<p>${subject}</p>` });
    const [{ text, html, headers }] = received as [Received];
    expect(text).toContain("ü".repeat(2_000));
    expect(html).toContain(subject);
    expect(headers.get("subject")).toMatch(/^=\?UTF-8\?[BQ]\?/);
  });

  test("reaches addresses of other scripts by SMTPUTF8", async () => {
    const { url, received } = await startSmtpServer();
    expect(await deliver(url, { to: "用户@example.com" })).toEqual({ outcome: "sent" });
    expect(await deliver(url, { to: "jürgen@bücher.example" })).toEqual({ outcome: "sent" });
    const [one, other] = received as [Received, Received];
    expect(one.to).toEqual(["用户@example.com"]);
    expect(one.headers.get("to")).toContain("用户");
    expect(other.to[0]).toMatch(/^jürgen@(bücher|xn--bcher-kva)\.example$/);
  });
});

describe("what a mail server answers", () => {
  test.for([
    [550, "refused"],
    [552, "refused"],
    [530, "failed"],
    [450, "failed"],
    [421, "failed"],
  ] as const)("with %i about the recipient is %s", async ([status, outcome]) => {
    const { url } = await startSmtpServer({
      onRcptTo: (_, __, callback) => callback(smtpError(status, "no")),
    });
    expect(await deliver(url)).toMatchObject({ outcome, reason: { status } });
  });

  test("about the message is for good, about the sender is put right one day", async () => {
    const onMail = () => {
      throw smtpError(554, "spam");
    };
    const choosy = await startSmtpServer({}, { onMail });
    expect(await deliver(choosy.url)).toMatchObject({ outcome: "refused", reason: { command: "DATA" } });
    const strange = await startSmtpServer({
      onMailFrom: (_, __, callback) => callback(smtpError(550, "who are you")),
    });
    expect(await deliver(strange.url)).toMatchObject({ outcome: "failed", reason: { command: "MAIL FROM" } });
  });
});

describe("TLS", () => {
  test("is used from the start by smtps, with the sign-in of the URL", async () => {
    const { port, received } = await startSmtpServer({
      ...{ secure: true, authOptional: false },
      onAuth: ({ username, password }, _, callback) =>
        callback(null, password === "p@ss:word/" ? { user: username } : {}),
    });
    const url = `smtps://shop:p%40ss%3Aword%2F@127.0.0.1:${port}`;
    expect(await deliver(url)).toMatchObject({ outcome: "failed" });
    expect(await deliver(`${url}?tls.rejectUnauthorized=false`)).toEqual({ outcome: "sent" });
    expect(received).toMatchObject([{ secure: true, user: "shop" }]);
  });

  test("by STARTTLS is required where the URL says so, and nothing is sent without", async () => {
    const plain = await startSmtpServer();
    expect(await deliver(`${plain.url}?requireTLS=true`)).toMatchObject({ outcome: "failed" });
    expect(plain.received).toEqual([]);
    const { url, received } = await startSmtpServer({ disabledCommands: [] });
    expect(await deliver(`${url}?requireTLS=true&tls.rejectUnauthorized=false`)).toEqual({ outcome: "sent" });
    expect(received).toMatchObject([{ secure: true }]);
    expect(await deliver(url)).toEqual({ outcome: "sent" });
    expect(received).toMatchObject([{ secure: true }, { secure: false }]);
  });

  test.each([
    ["smtp://mail.example.com", true],
    ["smtp://192.0.2.7:25", true],
    ["smtp://localhost.example.com", true],
    ["smtp://mail.example.com?requireTLS=false", false],
    ["smtp://mail.example.com?ignoreTLS=true", undefined],
    ["smtp://localhost:1025", undefined],
    ["smtp://127.0.0.1", undefined],
    ["smtp://[::1]:25", undefined],
  ])("with %s is required: %s", (url, required) => {
    expect(readSmtpUrl(url).requireTLS || false).toBe(required ?? false);
  });
});

test("a URL turns on no protocol of what was said, for that holds credentials and links", () => {
  const url = "smtp://u:p@mail.example.com?logger=true&debug=true&transactionLog=true&pool=true";
  expect(readSmtpUrl(url)).toMatchObject({ logger: false, debug: false, transactionLog: false, pool: false });
});

test.each([
  "https://user:canary@mail.example.com",
  "smtp://",
  "smtp:mail.example.com",
  "smtp://user:can/ary@mail.example.com",
  "smtp://user:can#ary@mail.example.com",
  "smtp://user:12/canary@mail.example.com",
  "smtp://user:%zzcanary@mail.example.com",
  "canary",
])("%s is no URL of a mail server, and the error shows nothing of it", (url) => {
  const read = () => readSmtpUrl(url);
  expect(read).toThrow(expect.objectContaining({ code: "configuration_invalid" }));
  expect(read).not.toThrow(/canary|can.ary|user:1/);
});

test("who mails come from is one address, with a name or without", () => {
  expect(readSender("no-reply@shop.example.com")).toEqual({ name: "", address: "no-reply@shop.example.com" });
  expect(readSender('"Shop, Inc." <no-reply@bücher.example>')).toEqual({
    name: "Shop, Inc.",
    address: "no-reply@bücher.example",
  });
  for (const from of [
    "shop",
    "a@b.example, c@d.example",
    "a@b.example\nBcc: c@d.example",
    "Shop <>",
    '"a b"@c.example',
  ])
    expect(() => readSender(from)).toThrow(expect.objectContaining({ code: "configuration_invalid" }));
});
