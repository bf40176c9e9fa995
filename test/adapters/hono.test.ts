import { Hono } from "hono";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mount, requireUser } from "../../src/adapters/hono.ts";
import type { Authenticator } from "../../src/http/authenticator.ts";
import { openAuth, type TestAuth } from "../support/auth.ts";
import { createTestDatabase } from "../support/postgres.ts";

const CREDENTIALS = { email: "ada@example.com", password: "a tower of violins" };

let auth: TestAuth;

beforeAll(async () => {
  const database = await createTestDatabase({ sample: "a", grafted: {} });
  auth = await openAuth(database);
  await auth.post("/v1/auth/register", { ...CREDENTIALS, username: "ada-1815" });
});

afterAll(() => auth?.close());

function login(): [string, RequestInit] {
  const headers = { "content-type": "application/json" };
  return ["/v1/auth/login", { method: "POST", headers, body: JSON.stringify(CREDENTIALS) }];
}

test("a body that middleware has read is there for Authgraft as well", async () => {
  const app = new Hono();
  app.use(async (context, next) => {
    if (context.req.method === "POST") await context.req.json();
    await next();
  });
  mount(app, auth);
  expect((await app.request(...login())).status).toBe(200);
});

test("the address is what the application says it is, where no socket tells", async () => {
  const addresses: (string | undefined)[] = [];
  const recording: Authenticator = {
    ...auth,
    fetch: async (_, from) => {
      addresses.push(from?.address);
      return new Response();
    },
  };
  const app = new Hono<{ Bindings: { ip: string } }>();
  mount(app, recording, { address: ({ req }) => req.header("x-real-ip") });
  await app.request("/healthz", { headers: { "x-real-ip": "192.0.2.7" } });
  const untold = new Hono();
  mount(untold, recording);
  await untold.request("/healthz");
  expect(addresses).toEqual(["192.0.2.7", undefined]);
});

test("a user is typed for every handler behind the middleware, beside what an application sets itself", async () => {
  const app = new Hono<{ Variables: { order: number } }>();
  app.get(
    "/me",
    requireUser(auth),
    async (context, next) => {
      context.set("order", 7);
      await next();
    },
    async (context) => {
      const id: string = context.get("user").id;
      const order: number = context.get("order");
      const { email } = await context.var.user.profile();
      return context.json({ isText: typeof id === "string", order, email });
    },
  );
  const { body } = await auth.post("/v1/auth/login", CREDENTIALS);
  const response = await app.request("/me", { headers: { authorization: `Bearer ${body.token}` } });
  expect(await response.json()).toEqual({ isText: true, order: 7, email: CREDENTIALS.email });
});
