import { describe, expect, onTestFinished, test } from "vitest";
import { SILENT } from "../../src/accounts/logger.ts";
import { createAccountsPolicy } from "../../src/accounts/password-policy.ts";
import { parseConfiguration } from "../../src/config/parse.ts";
import { type BreachOutcome, createBreachCheck } from "../../src/passwords/policy/breached.ts";
import { createPasswordPolicy } from "../../src/passwords/policy.ts";
import { type Misbehaviour, type RangeServer, sha1, startRangeServer } from "../support/range-server.ts";

const STOLEN = "a stolen passphrase";

async function serve(...args: Parameters<typeof startRangeServer>): Promise<RangeServer> {
  const server = await startRangeServer(...args);
  onTestFinished(() => server.close());
  return server;
}

function look(url: string, timeoutMilliseconds = 10_000) {
  const told: [BreachOutcome, string | undefined][] = [];
  const check = createBreachCheck({ url, timeoutMilliseconds }, (outcome, reason) => {
    told.push([outcome, reason]);
  });
  return { check, told };
}

describe("the look-up of breached passwords", () => {
  test("finds those that are, and only those", async () => {
    const server = await serve([STOLEN, "pässword of many"]);
    const { check } = look(server.url);
    expect(await check(STOLEN)).toBe("breached");
    expect(await check("pässword of many".normalize("NFD"))).toBe("breached");
    expect(await check("a tower of violins")).toBe("not-found");
    expect(await check(`${STOLEN} `)).toBe("not-found");
  });

  test("takes no row for a breach that only pads the answer", async () => {
    const server = await serve([], { padded: [STOLEN] });
    expect(await look(server.url).check(STOLEN)).toBe("not-found");
  });

  test("sends five digits of the hash, asks for padding, and sends nothing else of the password", async () => {
    const server = await serve([STOLEN]);
    await look(`${server.url}/`).check(STOLEN);
    expect(server.requests.map(({ path }) => path)).toEqual([`/range/${sha1(STOLEN).slice(0, 5)}`]);
    expect(server.requests[0]?.headers["add-padding"]).toBe("true");
    const sent = JSON.stringify(server.requests).toUpperCase();
    expect(sent).not.toContain(sha1(STOLEN).slice(0, 6));
    expect(sent).not.toContain(STOLEN.toUpperCase());
  });

  test("tells what came of it, without a word of the password or its hash", async () => {
    const server = await serve([STOLEN]);
    const { check, told } = look(server.url);
    await check(STOLEN);
    await check("a tower of violins");
    await server.close();
    await check(STOLEN);
    expect(told).toEqual([
      ["breached", undefined],
      ["not-found", undefined],
      ["unavailable", "not reachable"],
    ]);
  });

  const broken: [string, Misbehaviour, RegExp][] = [
    ["an error", (response) => void response.writeHead(503).end("no"), /status 503/],
    ["too many requests", (response) => void response.writeHead(429).end(), /status 429/],
    ["a page", (response) => void response.writeHead(200).end("<html>log in first</html>"), /not a range/],
    ["nothing", (response) => void response.writeHead(200).end(), /not a range/],
    [
      "another place to ask",
      (response) => void response.writeHead(302, { location: "http://127.0.0.1:9/" }).end(),
      /not reachable/,
    ],
    [
      "more than it may",
      (response) => void response.writeHead(200).end(`${"0".repeat(35)}:1\r\n`.repeat(40_000)),
      /more than 1048576 bytes/,
    ],
    [
      "half an answer",
      (response) => void response.writeHead(200).write("0000", () => response.destroy()),
      /./,
    ],
    ["a connection that is cut", (response) => void response.destroy(), /not reachable/],
  ];

  test.each(broken)(
    "says that nobody knows where the server answers with %s",
    async (_, misbehave, reason) => {
      const server = await serve([STOLEN], { misbehave });
      const { check, told } = look(server.url);
      expect(await check(STOLEN)).toBe("unavailable");
      expect(told).toEqual([["unavailable", expect.stringMatching(reason)]]);
      expect(JSON.stringify(told)).not.toContain(sha1(STOLEN).slice(0, 5));
    },
  );

  test.each([
    ["never begins", () => undefined],
    ["never ends", (response) => void response.writeHead(200).write(`${"0".repeat(35)}:1\r\n`)],
  ] as [string, Misbehaviour][])("gives up on an answer that %s", async (_, misbehave) => {
    const server = await serve([STOLEN], { misbehave });
    const { check, told } = look(server.url, 100);
    expect(await check(STOLEN)).toBe("unavailable");
    expect(told).toEqual([["unavailable", "timeout"]]);
  });
});

describe("the policy with the look-up", () => {
  const settings = (server: RangeServer) =>
    parseConfiguration({
      passwords: { breachedPasswordCheck: { url: server.url, timeoutMilliseconds: 10_000 } },
    }).passwords;

  test("refuses what is breached, with its code", async () => {
    const server = await serve([STOLEN]);
    const refusal = await createPasswordPolicy(settings(server)).check(STOLEN, {});
    expect(refusal).toEqual({ code: "password_breached", message: expect.stringContaining("stolen") });
  });

  test("asks nobody about a password that is refused here already, nor where only this server is to say", async () => {
    const server = await serve([STOLEN]);
    const policy = createPasswordPolicy(settings(server));
    expect((await policy.check("iloveyou", {}))?.code).toBe("password_common");
    expect(await policy.checkHere(STOLEN, {})).toBeNull();
    expect(server.requests).toEqual([]);
  });

  test("refuses nobody where the server does not answer", async () => {
    const server = await serve([STOLEN]);
    await server.close();
    const outcomes: BreachOutcome[] = [];
    const policy = createPasswordPolicy(settings(server), (outcome) => void outcomes.push(outcome));
    expect(await policy.check(STOLEN, {})).toBeNull();
    expect(outcomes).toEqual(["unavailable"]);
  });

  test("tells the metrics every outcome, and the log only what failed", async () => {
    const server = await serve([STOLEN]);
    const [outcomes, warnings]: [BreachOutcome[], object[]] = [[], []];
    const policy = createAccountsPolicy({
      configuration: parseConfiguration({
        passwords: { breachedPasswordCheck: { url: server.url, timeoutMilliseconds: 10_000 } },
      }),
      logger: { ...SILENT, warn: (details) => void warnings.push(details) },
      observeBreachCheck: (outcome) => void outcomes.push(outcome),
    });
    await policy.check(STOLEN, {});
    await policy.check("a tower of violins", {});
    await server.close();
    await policy.check(STOLEN, {});
    expect(outcomes).toEqual(["breached", "not-found", "unavailable"]);
    expect(warnings).toEqual([{ reason: "not reachable" }]);
  });

  test("asks nobody unless it is configured", () => {
    expect(parseConfiguration({}).passwords.breachedPasswordCheck.mode).toBe("off");
    expect(
      parseConfiguration({ passwords: { breachedPasswordCheck: "on" } }).passwords.breachedPasswordCheck,
    ).toEqual({
      mode: "on",
      url: "https://api.pwnedpasswords.com/range",
      timeoutMilliseconds: 1_000,
    });
    expect(() =>
      parseConfiguration({ passwords: { breachedPasswordCheck: { url: "file:///etc" } } }),
    ).toThrow(/breachedPasswordCheck/);
  });
});
