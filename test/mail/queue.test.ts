import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { withTransaction } from "../../src/postgres/transaction.ts";
import { TEST_SECRET } from "../support/auth.ts";
import { eventually } from "../support/eventually.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { LINK, letTimePass, openMailing, queued, RESET } from "./support/mailing.ts";
import { type Received, smtpError, startSmtpServer } from "./support/smtp-server.ts";

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase({ sample: "b", grafted: {} });
});

describe("a mail that was queued in a transaction", () => {
  test("is sent when that is committed, and is gone from the queue", async () => {
    const { url, received } = await startSmtpServer();
    const mailing = openMailing(database, { url });
    await mailing.send(RESET);
    await eventually(() => received.length).toBe(1);
    const [mail] = received as [Received];
    expect(mail).toMatchObject({ from: "no-reply@shop.example.com", to: ["ada@example.com"] });
    expect(mail.text).toContain(LINK);
    expect(mail.html).toContain(`href="${LINK}"`);
    expect(mail.headers.get("auto-submitted")).toBe("auto-generated");
    expect(mail.headers.get("from")).toBe("Shop <no-reply@shop.example.com>");
    expect(mail.headers.get("to")).toBe("ada@example.com");
    expect(mail.headers.get("subject")).toBe("Set a new password for Shop");
    expect(mail.headers.get("message-id")).toMatch(/^<[0-9a-f-]{36}@shop\.example\.com>$/);
    expect(Date.parse(mail.headers.get("date") ?? "")).not.toBeNaN();
    await eventually(() => queued(database)).toBe(0);
    expect(await mailing.figures()).toMatch(/^authgraft_mails_sent_total 1$/m);
    expect(mailing.logs.join()).toContain("a mail was sent");
    expect(mailing.logs.join()).not.toMatch(/ada@|token/);
  });

  test("is not sent when that is rolled back", async () => {
    const { url, received } = await startSmtpServer();
    const mailing = openMailing(database, { url });
    const undone = withTransaction(database.pool(), async (client) => {
      await mailing.mailer.enqueue(client, RESET);
      throw new Error("no");
    });
    await expect(undone).rejects.toThrow("no");
    await mailing.send({ ...RESET, to: "grace@example.com" });
    await eventually(() => received.map(({ to }) => to[0])).toEqual(["grace@example.com"]);
    expect(await queued(database)).toBe(0);
  });

  test("says in the database neither to whom nor what", async () => {
    const mailing = openMailing(database, { url: "smtp://127.0.0.1:1" });
    await mailing.send(RESET);
    const { rows } = await database.query("SELECT row_to_json(q)::text AS row FROM authgraft.mail_queue q");
    expect(rows).toHaveLength(1);
    expect(rows[0]?.row).not.toMatch(/ada|example|token|reset/i);
  });

  test("is sent by another server, or after a restart, where the one that queued it is gone", async () => {
    const { url, received } = await startSmtpServer();
    const first = openMailing(database, { url });
    await first.mailer.stop();
    await first.send(RESET);
    expect(await queued(database)).toBe(1);
    openMailing(database, { url });
    await eventually(() => received.length).toBe(1);
  });

  test("is opened with the secret from before, and left alone where no secret opens it", async () => {
    const secret = "another-secret-x8Qz-only-for-tests-p5Lw-kJ3v";
    const { url, received } = await startSmtpServer();
    const first = openMailing(database, { url });
    await first.mailer.stop();
    await first.send(RESET);
    const stranger = openMailing(database, { url, secrets: [secret] });
    await eventually(() => stranger.logs.join()).toContain('"code":"unreadable"');
    await stranger.mailer.stop();
    expect(await queued(database)).toBe(1);
    await letTimePass(database);
    openMailing(database, { url, secrets: [secret, TEST_SECRET] });
    await eventually(() => received.length).toBe(1);
  });
});

test("of several servers each mail is sent by one", async () => {
  const { url, received } = await startSmtpServer();
  const servers = [1, 2, 3].map(() => openMailing(database, { url, interval: 10 }));
  const addresses = Array.from({ length: 40 }, (_, i) => `ada+${i}@example.com`);
  await Promise.all(addresses.map((to, i) => (servers[i % 3] as (typeof servers)[0]).send({ ...RESET, to })));
  await eventually(() => queued(database)).toBe(0);
  expect(received.map(({ to }) => to[0]).sort()).toEqual(addresses.sort());
});

describe("a mail server", () => {
  test("that is down has the mails when it is back, with the same Message-ID at each attempt", async () => {
    let isReady = false;
    const ids: string[] = [];
    const onMail = ({ headers }: Received) => {
      ids.push(headers.get("message-id") ?? "");
      if (!isReady) throw smtpError(451, "4.3.0 not now");
    };
    const first = await startSmtpServer();
    await first.close();
    const mailing = openMailing(database, { url: first.url });
    await mailing.send(RESET);
    await eventually(() => mailing.logs.join()).toContain('"cause":"ECONNREFUSED"');
    const { received } = await startSmtpServer({}, { port: first.port, onMail });
    await letTimePass(database);
    await eventually(() => ids.length).toBe(1);
    await eventually(() => mailing.logs.join()).toContain('"status":451');
    expect(mailing.logs.join()).toContain('"enhanced_status":"4.3.0"');
    isReady = true;
    await letTimePass(database);
    await eventually(() => received.length).toBe(1);
    expect(new Set(ids).size).toBe(1);
    expect(await mailing.figures()).toMatch(/^authgraft_mails_failed_total\{outcome="retry"\} 2$/m);
  });

  test("is asked again after a minute, two, four, eight", async () => {
    const mailing = openMailing(database, { url: "smtp://127.0.0.1:1", random: () => 0.5 });
    await mailing.send(RESET);
    const pauses: number[] = [];
    for (const attempts of [1, 2, 3, 4]) {
      await eventually(() => mailing.logs.length).toBe(attempts);
      pauses.push(JSON.parse(mailing.logs[attempts - 1] ?? "").again_in_seconds);
      await letTimePass(database);
    }
    expect(pauses).toEqual([60, 120, 240, 480]);
  });

  test("that knows no such recipient is not asked again, and the log says it without the address", async () => {
    const { url, received } = await startSmtpServer({
      onRcptTo: ({ address }, _, callback) =>
        callback(address === RESET.to ? smtpError(550, `5.1.1 <${address}> unknown`) : null),
    });
    const mailing = openMailing(database, { url });
    await mailing.send(RESET, { ...RESET, to: "grace@example.com" });
    await eventually(() => received.length).toBe(1);
    await eventually(() => queued(database)).toBe(0);
    const log = mailing.logs.join();
    expect(log).toContain("was given up");
    expect(log).toContain('"command":"RCPT TO","status":550,"enhanced_status":"5.1.1"');
    expect(log).not.toMatch(/ada@|canary|unknown/);
    expect(await mailing.figures()).toMatch(/^authgraft_mails_failed_total\{outcome="given_up"\} 1$/m);
  });

  test("that refuses our sign-in is asked again, and the log has no password", async () => {
    const { port } = await startSmtpServer({
      authOptional: false,
      onAuth: (_, __, callback) => callback(smtpError(535, "5.7.8 canary is wrong")),
    });
    const mailing = openMailing(database, { url: `smtp://shop:canary-password@127.0.0.1:${port}` });
    await mailing.send(RESET);
    await eventually(() => mailing.logs.join()).toContain('"code":"EAUTH"');
    expect(await queued(database)).toBe(1);
    expect(mailing.logs.join()).not.toMatch(/canary/);
  });

  test.for([
    ["never greets", () => undefined, "greetingTimeout=200"],
    [
      "greets and falls silent",
      (write: (text: string) => void) => write("220 here\r\n"),
      "socketTimeout=200",
    ],
    ["breaks off", (_: unknown, end: () => void) => end(), ""],
  ] as const)("that %s is given up, and asked again", async ([, behave, query]) => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      behave(
        (text) => socket.write(text),
        () => socket.destroy(),
      );
    }).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const mailing = openMailing(database, { url: `smtp://127.0.0.1:${port}?${query}` });
    await mailing.send(RESET);
    await eventually(() => mailing.logs.join()).toContain("could not be sent just now");
    expect(await queued(database)).toBe(1);
  });

  test("that holds up one mail holds up no other", async () => {
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const onMail = ({ to }: Received) => (to[0] === RESET.to ? held : undefined);
    const { url, received } = await startSmtpServer({}, { onMail });
    const mailing = openMailing(database, { url });
    await mailing.send(RESET);
    for (const name of ["grace", "joan", "mary"]) await mailing.send({ ...RESET, to: `${name}@example.com` });
    await eventually(() => received.length).toBe(3);
    release();
    await eventually(() => received.length).toBe(4);
  });
});

test("a mail that cannot be sent while its link works is given up", async () => {
  const mailing = openMailing(database, { url: "smtp://127.0.0.1:1" });
  await mailing.send({ ...RESET, details: { link: LINK, linkSeconds: 30 } });
  await eventually(() => queued(database)).toBe(0);
  expect(mailing.logs.join()).toContain("was given up");
  await mailing.send(RESET);
  await eventually(() => mailing.logs.join()).toContain("could not be sent just now");
  await database.query("UPDATE authgraft.mail_queue SET expires_at = now(), next_attempt_at = now()");
  await eventually(() => queued(database)).toBe(0);
  expect(await mailing.figures()).toMatch(/^authgraft_mails_failed_total\{outcome="given_up"\} 2$/m);
});

describe("told to stop", () => {
  test("a mailer waits for what it is sending, and sends nothing more", async () => {
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    let isAsked = false;
    const onMail = () => {
      isAsked = true;
      return held;
    };
    const { url, received } = await startSmtpServer({}, { onMail });
    const mailing = openMailing(database, { url });
    await mailing.send(RESET);
    await eventually(() => isAsked).toBe(true);
    let isOver = false;
    const stopped = mailing.mailer.stop().then(() => {
      isOver = true;
    });
    await mailing.send({ ...RESET, to: "grace@example.com" });
    expect(isOver).toBe(false);
    release();
    await stopped;
    expect(received.map(({ to }) => to[0])).toEqual([RESET.to]);
    expect(await queued(database)).toBe(1);
  });

  test("a mailer breaks off what takes too long, and leaves it to the next", async () => {
    let isAsked = false;
    const onMail = () => {
      isAsked = true;
      return new Promise<void>(() => undefined);
    };
    const { url } = await startSmtpServer({}, { onMail });
    const mailing = openMailing(database, { url, grace: 50 });
    await mailing.send(RESET);
    await eventually(() => isAsked).toBe(true);
    await mailing.mailer.stop();
    const { url: other, received } = await startSmtpServer();
    openMailing(database, { url: other });
    await eventually(() => received.length).toBe(1);
  });
});

test("a database that goes away is told of once, and its mails go out when it is back", async () => {
  const { url, received } = await startSmtpServer();
  const mailing = openMailing(database, { url, interval: 30 });
  const superuser = await createTestDatabase();
  const admin = await superuser.client(superuser.superuserUrl);
  await mailing.send(RESET);
  await eventually(() => received.length).toBe(1);
  await admin.query(`ALTER DATABASE "${database.name}" ALLOW_CONNECTIONS false`);
  await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [
    database.name,
  ]);
  await eventually(() => mailing.logs.join()).toContain("cannot be read just now");
  expect(await mailing.figures()).toMatch(/^authgraft_mails_queued NaN$/im);
  await admin.query(`ALTER DATABASE "${database.name}" ALLOW_CONNECTIONS true`);
  await eventually(() => mailing.logs.join()).toContain("is read again");
  await mailing.send({ ...RESET, to: "grace@example.com" });
  await eventually(() => received.length).toBe(2);
  expect(mailing.logs.filter((line) => line.includes("cannot be read"))).toHaveLength(1);
});
