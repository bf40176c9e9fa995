import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestAuth } from "../support/auth.ts";
import { type Callers, openCallers } from "../support/callers.ts";
import { openContract } from "../support/contract.ts";
import { bodySchema, pathOf, type Route, routesOf } from "../support/every-route.ts";
import { openEverything } from "../support/everything.ts";
import { createTestDatabase } from "../support/postgres.ts";

let auth: TestAuth;
let callers: Callers;
let choosing: { readonly route: Route; readonly example: object }[];
let presenting: Route[];

beforeAll(async () => {
  const database = await createTestDatabase({ sample: "b", grafted: {} });
  auth = await openEverything(database);
  callers = openCallers(auth, database, "a tower of violins");
  const { document } = await openContract(auth);
  const routes = routesOf(document);
  choosing = routes
    .filter((route) => bodySchema(document, route)?.properties?.refresh !== undefined)
    .map((route) => ({
      route,
      example: route.operation.requestBody?.content["application/json"]?.example as object,
    }));
  presenting = routes.filter(({ operation }) =>
    (operation.security ?? []).some((scheme) => "refreshCookie" in scheme),
  );
});
afterAll(() => auth.close());

describe("79. every route that hands out or takes the refresh cookie", () => {
  test.each([
    { origin: "https://evil.example" },
    { origin: "null" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    {},
  ])("refuses a request of another origin's page: %j", async (from) => {
    expect(choosing.length).toBeGreaterThan(3);
    for (const { route, example } of choosing) {
      const answer = await auth.send(pathOf(route), {
        method: route.method,
        headers: { "content-type": "application/json", ...(await callers.headers("user")), ...from },
        body: JSON.stringify({ ...example, refresh: "cookie" }),
      });
      expect([route.name, answer.status, answer.body?.code]).toEqual([route.name, 403, "origin_refused"]);
      expect(answer.headers.get("set-cookie")).toBeNull();
    }
    expect(presenting.length).toBe(2);
    for (const { method, path } of presenting) {
      const headers = { cookie: "authgraft_refresh=agr_x", ...from };
      expect((await auth.send(path, { method, headers })).body).toMatchObject({ code: "origin_refused" });
    }
  });
});
