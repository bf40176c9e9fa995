import { hash, randomUUID } from "node:crypto";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type RunningServer, serve } from "../../src/cli/serve.ts";
import { parseConfiguration } from "../../src/config/parse.ts";
import { openAuth, TEST_SECRET } from "../support/auth.ts";
import { eventually } from "../support/eventually.ts";
import { revokeByHand } from "../support/feed.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { basic, SERVICES, SHOP } from "../support/service.ts";

const STREAM = "/v1/revocations/stream";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ sample: "a", grafted: {} });
});

async function start(port = 0): Promise<RunningServer> {
  const server = await serve({
    databaseUrl: database.url,
    secret: TEST_SECRET,
    configuration: parseConfiguration({ port, services: SERVICES }),
    logger: { info() {}, warn() {}, error() {} },
  });
  onTestFinished(() => server.close());
  return server;
}

/** A position to begin at. */
async function positionOf({ url }: RunningServer): Promise<string> {
  const response = await fetch(`${url}/v1/revocations?nonce=n`, { headers: basic(SHOP) });
  const [, payload = ""] = (await response.text()).split(".");
  return JSON.parse(Buffer.from(payload, "base64url").toString()).position;
}

/** Reads a stream as a browser's EventSource does, as far as it is told. */
class Listener {
  readonly #heard = new Set<string>();
  id: string | undefined;
  text = "";
  hasEnded = false;
  status: number | undefined;
  readonly leave: AbortController = new AbortController();

  constructor(id?: string) {
    this.id = id;
  }

  async listen({ url }: RunningServer): Promise<void> {
    const resume: Record<string, string> = this.id === undefined ? {} : { "last-event-id": this.id };
    try {
      const headers = { ...basic(SHOP), ...resume };
      const response = await fetch(`${url}${STREAM}`, { headers, signal: this.leave.signal });
      this.status = response.status;
      let rest = "";
      for await (const chunk of response.body ?? []) {
        this.text += Buffer.from(chunk).toString();
        const events = (rest + Buffer.from(chunk).toString()).split("\n\n");
        rest = events.pop() ?? "";
        for (const event of events) this.#take(event);
      }
    } catch {
      // Broken off: it is resumed.
    }
    this.hasEnded = true;
  }

  #take(event: string): void {
    const [, id] = /^id: (.*)$/m.exec(event) ?? [];
    const [, data] = /^event: revoked\n(?:id: .*\n)?data: (.*)$/m.exec(event) ?? [];
    if (data !== undefined) {
      const entries = Buffer.from(data, "base64url");
      for (let at = 0; at < entries.length; at += 20)
        this.#heard.add(entries.subarray(at, at + 12).toString("hex"));
    }
    this.id = id ?? this.id;
  }

  heard(jtis: readonly string[]): number {
    return jtis.filter((jti) => this.#heard.has(hash("sha256", `jti ${jti}`).slice(0, 24))).length;
  }
}

function makeIds(count: number): string[] {
  return Array.from({ length: count }, () => randomUUID());
}

describe("GET /v1/revocations/stream", () => {
  test("tells what is revoked as it happens, and before that what was since a position", async () => {
    const server = await start();
    const [before, missed, later] = [makeIds(1), makeIds(3), makeIds(3)];
    await revokeByHand(database, before);
    const position = await positionOf(server);
    await revokeByHand(database, missed);
    const listener = new Listener(position);
    void listener.listen(server);
    await eventually(() => listener.heard(missed)).toBe(3);
    await revokeByHand(database, later);
    await eventually(() => listener.heard(later)).toBe(3);
    expect(listener.id).toBeDefined();
    listener.leave.abort();
  });

  test("tells from now on where no position is given, and everything where it is none", async () => {
    const server = await start();
    const [before, later] = [makeIds(2), makeIds(2)];
    await revokeByHand(database, before);
    const [fresh, lost] = [new Listener(), new Listener("no position")];
    void fresh.listen(server);
    void lost.listen(server);
    await eventually(() => fresh.text).toContain(": open");
    await revokeByHand(database, later);
    await eventually(() => [fresh.heard(later), lost.heard([...before, ...later])]).toEqual([2, 4]);
    for (const { leave } of [fresh, lost]) leave.abort();
  });

  test("misses nothing of 1,000 revocations while its server is started again and again", async () => {
    let server = await start();
    const listener = new Listener(await positionOf(server));
    const ids = makeIds(1_000);
    let isDone = false;
    const listening = (async () => {
      while (!isDone) await listener.listen(server);
    })();
    const revoking = (async () => {
      for (let from = 0; from < ids.length; from += 10) {
        await revokeByHand(database, ids.slice(from, from + 10));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    })();
    for (let times = 0; times < 3; times += 1) {
      await eventually(() => listener.heard(ids)).toBeGreaterThan(times * 250);
      await server.close();
      server = await start(server.port);
    }
    await revoking;
    await eventually(() => listener.heard(ids)).toBe(1_000);
    isDone = true;
    listener.leave.abort();
    await listening;
  });

  test("ends with its server, which waits for nobody", async () => {
    const server = await start();
    const listeners = Array.from({ length: 20 }, () => new Listener());
    for (const listener of listeners) void listener.listen(server);
    await eventually(() => listeners.every(({ status }) => status === 200)).toBe(true);
    await server.close();
    await eventually(() => listeners.every(({ hasEnded }) => hasEnded)).toBe(true);
  });

  test("is for configured services alone, and a HEAD opens none", async () => {
    const auth = await openAuth(database, { configuration: { services: SERVICES } });
    expect((await auth.get(STREAM)).status).toBe(401);
    const head = await auth.send(STREAM, { method: "HEAD", headers: basic(SHOP) });
    expect([head.status, head.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
  });
});

describe("of streams there are", () => {
  test("1,000 at once, and another one when one of them has gone", async () => {
    const auth = await openAuth(database, { configuration: { services: SERVICES } });
    const open = () => auth.fetch(new Request(`http://localhost${STREAM}`, { headers: basic(SHOP) }));
    const streams = await Promise.all(Array.from({ length: 1_000 }, open));
    const refused = await open();
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "30"]);
    await streams[0]?.body?.cancel();
    expect((await open()).status).toBe(200);
    auth.endStreams();
    expect((await open()).status).toBe(503);
    await expect(streams[1]?.text()).resolves.toBeDefined();
  });

  test("none that wait for a reader who does not read: it ends, and the others go on", async () => {
    const auth = await openAuth(database, { configuration: { services: SERVICES } });
    const open = () => auth.fetch(new Request(`http://localhost${STREAM}`, { headers: basic(SHOP) }));
    const [slow, quick] = [await open(), await open()];
    let read = 0;
    const reading = (async () => {
      for await (const chunk of quick.body ?? []) read += chunk.length;
    })();
    for (let times = 0; times < 12; times += 1) {
      const before = read;
      await revokeByHand(database, makeIds(2_400));
      await eventually(() => read).toBeGreaterThan(before + 60_000);
    }
    const rest = await slow.text();
    expect(rest.length).toBeGreaterThan(600_000);
    expect(rest.length).toBeLessThan(700_000);
    auth.endStreams();
    await reading;
  });
});
