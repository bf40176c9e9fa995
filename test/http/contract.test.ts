import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { BY_KEY } from "../support/admin.ts";
import { openAuth } from "../support/auth.ts";
import { cheapHash } from "../support/callers.ts";
import { openContract, withContract } from "../support/contract.ts";
import { routesOf, walkEveryRoute } from "../support/every-route.ts";
import { EVERYTHING, openEverything } from "../support/everything.ts";
import { findLeaks } from "../support/leaks.ts";
import { createTestDatabase } from "../support/postgres.ts";

const grafted = () => createTestDatabase({ sample: "b", grafted: {} });

describe("every route, in everybody's name, with what it takes and what it does not", () => {
  test("answers as /openapi.json says, and B2: no password, hash, key or token comes out", async () => {
    const database = await grafted();
    const auth = await openEverything(database);
    const contract = await openContract(auth);
    const complaints: string[] = [];
    const walk = await walkEveryRoute(auth, database, contract, (complaint) => complaints.push(complaint));
    expect(complaints).toEqual([]);
    expect(findLeaks(walk)).toEqual([]);
    const reached = new Set(walk.answers.map(({ where }) => where));
    expect(routesOf(contract.document).filter(({ name }) => !reached.has(name))).toEqual([]);
    const statuses = new Set(walk.answers.map(({ status }) => status));
    for (const status of [200, 204, 400, 401, 403, 404, 405, 413, 415, 422, 503])
      expect(statuses, `nothing answered ${status}`).toContain(status);
    expect(walk.logs.length).toBeGreaterThan(walk.answers.length);
    const cookies = walk.answers.flatMap(({ text }) =>
      [...text.matchAll(/^set-cookie: (.*)$/gm)].map(([, line]) => line),
    );
    expect(cookies.join("\n"), "80.").toMatch(/^authgraft_refresh=agr_/m);
    for (const cookie of cookies) expect(cookie, "80.").toMatch(/; HttpOnly; Secure; SameSite=Strict$/);
  });
});

test("a migration by the operator's key answers as /openapi.json says, refused and done", async () => {
  const auth = await openEverything(await grafted());
  const checked = withContract(auth, await openContract(auth));
  const headers = BY_KEY;
  const post = (path: string, body: object = {}) => checked.post(path, body, { headers });
  expect((await checked.get("/admin/migrations/plan", { headers })).status).toBe(200);
  expect((await post("/admin/migrations/up")).status).toBeLessThan(300);
  await post("/admin/migrations/down");
  await post("/admin/migrations/down", { discard_data: true });
  expect((await checked.get("/admin/migrations", { headers })).status).toBe(200);
});

describe("the test above fails", () => {
  test("where an answer holds a hash: here a mapping calls it the display name", async () => {
    const database = await grafted();
    const configuration = {
      registration: "off",
      mapping: { display_name: "password_hash" },
      passwords: { rehash: "never" },
    } as const;
    const auth = await openEverything(database, { configuration });
    const ignore = () => undefined;
    const isOwn = ({ path }: { readonly path: string }) => path === "/v1/users/me";
    const walk = await walkEveryRoute(auth, database, await openContract(auth), ignore, isOwn);
    expect(findLeaks(walk)).toContain("GET /v1/users/me 200");
  });

  test("where a log line holds what a request was sent with", async () => {
    const walk = { answers: [], tokens: ["eyJ.x.y"], secrets: [cheapHash("x")] };
    for (const secret of [...walk.tokens, ...walk.secrets])
      expect(findLeaks({ ...walk, logs: [JSON.stringify({ headers: secret })] })).toEqual(["log"]);
  });

  test("where an answer has a field, a status or a type that is not described", async () => {
    const auth = await openAuth(await grafted());
    const contract = await openContract(auth);
    const answer = await auth.get("/healthz");
    expect(contract.check("GET", "/healthz", answer)).toEqual([]);
    for (const other of [
      { body: { status: "ok", password_hash: createHash("sha256").digest("hex") } },
      { body: { status: "fine" } },
      { body: {} },
      { status: 201 },
      { headers: new Headers({ "content-type": "text/html" }) },
    ]) {
      expect(contract.check("GET", "/healthz", { ...answer, ...other })).toHaveLength(1);
    }
    const problem = await auth.get("/v1/users/me");
    expect(contract.check("GET", "/v1/users/me", problem)).toEqual([]);
    const withOther = (body: object) =>
      contract.check("GET", "/v1/users/me", { ...problem, body: { ...problem.body, ...body } });
    expect(withOther({ code: "made_up" })).not.toEqual([]);
    expect(withOther({ code: "internal" })).not.toEqual([]);
    expect(withOther({ stack: "at …" })).not.toEqual([]);
  });

  test("where a test asks through the contract", async () => {
    const auth = await openAuth(await grafted(), { configuration: EVERYTHING });
    const told: string[] = [];
    const checked = withContract(auth, await openContract(auth), (complaint) => told.push(complaint));
    await checked.get("/healthz");
    await checked.post("/v1/auth/login", { username: "nobody", password: "correct horse" });
    expect(told).toEqual([]);
    const liar = withContract(
      { ...auth, get: async () => ({ ...(await auth.get("/readyz")), status: 299 }) },
      await openContract(auth),
      (complaint) => told.push(complaint),
    );
    await liar.get("/readyz");
    expect(told).toEqual(["GET /readyz 299: the status 299 is not described"]);
  });
});
