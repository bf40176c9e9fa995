import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ApiDocument } from "../../src/http/openapi/document.ts";
import type { Answer, TestAuth } from "../support/auth.ts";
import { CALLERS, type CallerKind, type Callers, openCallers } from "../support/callers.ts";
import { type Contract, openContract } from "../support/contract.ts";
import { bodySchema, changesSchema, type Route, routesOf } from "../support/every-route.ts";
import { openEverything } from "../support/everything.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { anyBody, anyForm, anyHeaders, anyPart } from "./support/arbitraries.ts";

/** Of each caller on each route. More of them, each time others: `AUTHGRAFT_FUZZ_RUNS=1000 npm test -- test/http/fuzz`. */
const RUNS = Number(process.env.AUTHGRAFT_FUZZ_RUNS ?? 12);
const SEED = process.env.AUTHGRAFT_FUZZ_RUNS === undefined ? { seed: 20_260_301 } : {};

let auth: TestAuth;
let contract: Contract;
let callers: Callers;

beforeAll(async () => {
  const database = await createTestDatabase({ sample: "b", grafted: {} });
  auth = await openEverything(database);
  contract = await openContract(auth);
  callers = openCallers(auth, database, "a tower of violins");
});
afterAll(() => auth.close());

interface Sent {
  readonly target: string;
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
}

/** Requests for a route: its parameters and fields, and much that is none. */
function anyRequest(document: ApiDocument, route: Route): fc.Arbitrary<Sent> {
  const { requestBody, parameters = [] } = route.operation;
  const [[type = "", media] = []] = Object.entries(requestBody?.content ?? {});
  const schema = bodySchema(document, route);
  const body = schema === undefined ? anyForm : anyBody(document, schema, media?.example);
  const queries = parameters.filter((parameter) => parameter.in === "query").map(({ name }) => name);
  return fc.record({
    target: fc
      .tuple(fc.array(anyPart, { minLength: 4, maxLength: 4 }), fc.subarray([...queries, "unknown"]))
      .map(([parts, asked]) => targetOf(route, parts, asked)),
    headers: anyHeaders.map((headers) => ({ ...(type === "" ? {} : { "content-type": type }), ...headers })),
    body: requestBody === undefined ? fc.constant(undefined) : body,
  });
}

function targetOf(
  { path }: Route,
  [first = "x", ...others]: readonly string[],
  queries: readonly string[],
): string {
  const filled = path.replaceAll(/\{\w+\}/g, first === "" ? "x" : first);
  const search = queries.map((name, i) => `${name}=${others[i % others.length]}`);
  return `${filled}${search.length === 0 ? "" : `?${search.join("&")}`}`;
}

async function send(route: Route, caller: CallerKind, { target, headers, body }: Sent): Promise<Answer> {
  const answer = await auth.send(target, {
    method: route.method,
    headers: { ...headers, ...(await callers.headers(caller)) },
    ...(body === undefined ? {} : { body }),
  });
  if (answer.status < 300 && route.method !== "GET") callers.renew(caller);
  return answer;
}

function expectToBeAnswered(route: Route, { target }: Sent, answer: Answer): void {
  expect(answer.status, answer.text).toBeLessThan(500);
  expect(contract.check(route.method, target, answer)).toEqual([]);
  if (answer.status >= 400) expect(answer.headers.get("content-type")).toBe("application/problem+json");
}

describe("whatever is sent is answered as /openapi.json says, and never with a 500", () => {
  test.each(CALLERS)("in the name of %s", async (caller) => {
    for (const route of routesOf(contract.document)) {
      // A stream goes on for as long as somebody listens.
      if (route.path.endsWith("/stream") && caller === "service") continue;
      if (changesSchema(route, caller)) continue;
      await fc.assert(
        fc.asyncProperty(anyRequest(contract.document, route), async (sent) => {
          expectToBeAnswered(route, sent, await send(route, caller, sent));
        }),
        { numRuns: RUNS, ...SEED, endOnFailure: true },
      );
    }
  });

  test("and reaches what lies behind the checks", () => {
    const good = [...contract.seen.keys()].filter((key) => / 2\d\d$/.test(key));
    expect(good.length).toBeGreaterThan(15);
  });
});
