import { readdirSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { parseConfiguration } from "../../../src/config/parse.ts";
import { OverloadedError } from "../../../src/errors.ts";
import {
  createHashingPool,
  type HashingPool,
  type PoolOptions,
} from "../../../src/passwords/pool/hashing-pool.ts";
import { type PoolObserver, SILENT_OBSERVER } from "../../../src/passwords/pool/observer.ts";

const { passwords } = parseConfiguration({});
const SETTINGS = { hashes: passwords, formats: passwords.legacy };

const pools: HashingPool[] = [];

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

function open(options: PoolOptions = {}): HashingPool {
  const pool = createHashingPool(SETTINGS, options);
  pools.push(pool);
  return pool;
}

const hash = () => ({ kind: "hash", password: Buffer.from("correct horse") }) as const;

/** Settings that reach as many threads as are allowed: as under a limit of processes, no more can be started. */
function rationing(allowed: number) {
  // One look is the set's own, to know the threads by.
  let left = allowed + 1;
  const formats = {
    ...passwords.legacy,
    get pepper() {
      left -= 1;
      if (left < 0) throw new Error("EAGAIN");
      return null;
    },
  };
  return {
    settings: { hashes: SETTINGS.hashes, formats },
    allow: (more: number) => {
      left = more;
    },
  };
}

/** An observer that writes down what it is told. */
function recorder() {
  const told: string[] = [];
  const observer: PoolObserver = {
    ...SILENT_OBSERVER,
    worked: (kind) => void told.push(`worked ${kind}`),
    refused: (reason) => void told.push(`refused ${reason}`),
    abandoned: () => void told.push("abandoned"),
  };
  return { told, observer };
}

describe("the hashing pool", () => {
  test("works on as many as it has threads, and no more", async () => {
    const pool = open({ threads: 2 });
    const all = Array.from({ length: 6 }, () => pool.run(hash()));
    expect(pool.state()).toEqual({ threads: 2, running: 2, waiting: { interactive: 4, background: 0 } });
    const hashes = (await Promise.all(all)).map((answer) => answer.hash);
    expect(new Set(hashes).size).toBe(6);
    expect(pool.state()).toMatchObject({ threads: 2, running: 0 });
  });

  test("refuses at once what has no room, and says when to come back", async () => {
    const { told, observer } = recorder();
    const pool = open({ threads: 1, limits: { capacity: 1 }, observer });
    const [running, waiting] = [pool.run(hash()), pool.run(hash())];
    const refused = await pool.run(hash()).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(OverloadedError);
    expect((refused as OverloadedError).retryAfterSeconds).toBeGreaterThanOrEqual(1);
    await Promise.all([running, waiting]);
    expect(told).toEqual(["refused full", "worked hash", "worked hash"]);
    await pool.run(hash());
  });

  test("keeps one address from filling the queue", async () => {
    const pool = open({ threads: 1, limits: { capacity: 10, perAddress: 2 } });
    const from = (address: string) => pool.run(hash(), { address }).then(() => address);
    // The first is worked on already and holds no place.
    const flood = [from("192.0.2.1"), from("192.0.2.1"), from("192.0.2.1")];
    await expect(from("192.0.2.1")).rejects.toMatchObject({ code: "overloaded" });
    const order: string[] = [];
    const other = from("192.0.2.2");
    for (const one of [...flood, other]) void one.then((address) => order.push(address));
    await Promise.all([...flood, other]);
    expect(order.indexOf("192.0.2.2")).toBeLessThan(3);
  });

  test("does not hash for a client that went away while it waited", async () => {
    const { told, observer } = recorder();
    const pool = open({ threads: 1, observer });
    const gone = new AbortController();
    const running = pool.run(hash());
    const waiting = pool.run(hash(), { signal: gone.signal });
    gone.abort();
    await expect(waiting).rejects.toMatchObject({ code: "request_abandoned" });
    await running;
    await expect(pool.run(hash(), { signal: gone.signal })).rejects.toMatchObject({
      code: "request_abandoned",
    });
    expect(told).toEqual(["abandoned", "worked hash", "abandoned"]);
  });

  test("refuses what has waited too long in person; in the background it may wait", async () => {
    const { told, observer } = recorder();
    const pool = open({ threads: 1, longestWait: 1, observer });
    const running = pool.run(hash());
    const [waiting, background] = [pool.run(hash()), pool.run(hash(), { lane: "background" })];
    await expect(waiting).rejects.toMatchObject({ code: "overloaded" });
    await Promise.all([running, background]);
    expect(told).toEqual(["refused waited", "worked hash", "worked hash"]);
  });

  test("lets what runs finish when it is closed, and refuses what waits and what comes later", async () => {
    const pool = open({ threads: 1 });
    const [running, waiting] = [pool.run(hash()), pool.run(hash())];
    const refused = expect(waiting).rejects.toMatchObject({ code: "overloaded" });
    const closing = pool.close();
    await refused;
    await expect(pool.run(hash())).rejects.toMatchObject({ code: "overloaded" });
    expect((await running).hash).toMatch(/^\$argon2id\$/);
    await closing;
    await pool.close();
    expect(pool.state().threads).toBe(0);
  });

  test("goes on after a thread came to grief, and the one it worked for is told", async () => {
    const pool = open({ threads: 1 });
    // Nothing of the kind comes from anywhere in the package: it stands for a fault of the thread itself.
    const unworkable = { kind: "hash", password: null } as unknown as ReturnType<typeof hash>;
    await expect(pool.run(unworkable)).rejects.toMatchObject({ code: "internal" });
    expect((await pool.run(hash())).hash).toMatch(/^\$argon2id\$/);
  });

  test("that can start no thread says so to everyone who waits, and starts one as soon as it can", async () => {
    const rationed = rationing(0);
    const pool = createHashingPool(rationed.settings, { threads: 2, niceness: 5 });
    pools.push(pool);
    const refused = await Promise.allSettled([pool.run(hash()), pool.run(hash())]);
    expect(refused).toMatchObject([{ reason: { code: "internal" } }, { reason: { code: "internal" } }]);
    expect(pool.state()).toEqual({ threads: 0, running: 0, waiting: { interactive: 0, background: 0 } });
    rationed.allow(1);
    expect((await pool.run(hash())).hash).toMatch(/^\$argon2id\$/);
  });

  test("that can start fewer threads than it may does all with those", async () => {
    const pool = createHashingPool(rationing(1).settings, { threads: 4, niceness: 6 });
    pools.push(pool);
    const all = await Promise.all([1, 2, 3].map(() => pool.run(hash())));
    expect(all.length).toBe(3);
    expect(pool.state().threads).toBe(1);
  });

  test.runIf(process.platform === "linux")(
    "has threads of a lower priority than the event loop's",
    async () => {
      const pool = open({ threads: 2, niceness: 7 });
      await Promise.all([pool.run(hash()), pool.run(hash())]);
      const niceOf = (thread: string) => {
        const stat = readFileSync(`/proc/self/task/${thread}/stat`, "utf8");
        // The name of a thread may hold spaces; nice is the nineteenth field.
        return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[16]);
      };
      const all = readdirSync("/proc/self/task").map(niceOf);
      const own = niceOf(String(process.pid));
      expect(all.filter((nice) => nice === own + 7 || nice === 7).length).toBeGreaterThanOrEqual(2);
    },
  );
});

describe("the threads of a pool that was closed", () => {
  test("work for the next one of the same settings, and not for one of others", async () => {
    const first = open({ threads: 1, niceness: 3 });
    await first.run(hash());
    await first.close();
    const [same, other] = [open({ threads: 1, niceness: 3 }), open({ threads: 1, niceness: 4 })];
    const order: string[] = [];
    await Promise.all([
      other.run(hash()).then(() => order.push("other")),
      same.run(hash()).then(() => order.push("same")),
    ]);
    // A thread that is there has its answer before one that has to be started, whatever the machine.
    expect(order).toEqual(["same", "other"]);
  });
});
