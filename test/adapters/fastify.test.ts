import { fastify } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { authgraft, requireUser } from "../../src/adapters/fastify.ts";
import { SignInError } from "../../src/errors.ts";
import { openAuth, type TestAuth } from "../support/auth.ts";
import { createTestDatabase } from "../support/postgres.ts";

let auth: TestAuth;
let token: string;

beforeAll(async () => {
  const database = await createTestDatabase({ sample: "a", grafted: {} });
  auth = await openAuth(database);
  const names = { email: "ada@example.com", username: "ada-1815" };
  token = (await auth.post("/v1/auth/register", { ...names, password: "a tower of violins" })).body.token;
});

afterAll(() => auth?.close());

async function application() {
  const app = fastify();
  await app.register(authgraft, { auth });
  return app;
}

describe("the Fastify plugin", () => {
  test("has its routes where Fastify shows them, and answers what is injected", async () => {
    const app = await application();
    for (const { method, path } of auth.routes) {
      expect([path, app.hasRoute({ method: method as "GET", url: path })]).toEqual([path, true]);
    }
    const login = { email: "ada@example.com", password: "a tower of violins" };
    const { statusCode } = await app.inject({ method: "POST", url: "/v1/auth/login", body: login });
    expect(statusCode).toBe(200);
  });

  test("lets an application's hooks add headers to Authgraft's answers and refusals", async () => {
    const app = fastify();
    app.addHook("onRequest", async (_, reply) => void reply.header("access-control-allow-origin", "*"));
    await app.register(authgraft, { auth });
    app.get("/me", { preHandler: requireUser(auth) }, async () => ({}));
    for (const url of ["/v1/users/me", "/me"]) {
      const { statusCode, headers } = await app.inject(url);
      expect([statusCode, headers["access-control-allow-origin"]]).toEqual([401, "*"]);
    }
  });

  test("lets a route that forgot its requireUser fail, whoever asks", async () => {
    const app = await application();
    app.get("/forgotten", async (request) => ({ id: request.user.id }));
    const { statusCode, body } = await app.inject({
      url: "/forgotten",
      headers: { authorization: `Bearer ${token}` },
    });
    expect([statusCode, body]).toEqual([
      500,
      expect.stringContaining("behind requireUser or requireAdmin only"),
    ]);
  });

  test("refuses a request for the head of an application's route as it does one for the whole", async () => {
    const app = await application();
    app.get("/me", { preHandler: requireUser(auth) }, async () => ({}));
    const { statusCode, headers } = await app.inject({ method: "HEAD", url: "/me" });
    expect([statusCode, headers["www-authenticate"]]).toEqual([401, "Bearer"]);
  });

  test("answers a request whose host is none with 400", async () => {
    const app = await application();
    const { statusCode, body } = await app.inject({ url: "/healthz", headers: { host: "[" } });
    expect([statusCode, JSON.parse(body)]).toMatchObject([400, { code: "request_invalid" }]);
  });

  test("answers a handler whose user is gone as it refuses others, past the application's handling of errors", async () => {
    const app = fastify();
    const handled: unknown[] = [];
    app.setErrorHandler((error, _, reply) => {
      handled.push(error);
      return reply.code(500).send({ handled: true });
    });
    await app.register(authgraft, { auth });
    app.get("/profile", { preHandler: requireUser(gone()) }, async (request) => request.user.profile());
    app.get("/broken", { preHandler: requireUser(auth) }, async () =>
      Promise.reject(new Error("out of orders")),
    );
    app.get("/public", async () =>
      Promise.reject(new SignInError("invalid_token", "The application's own.")),
    );
    const get = (url: string) => app.inject({ url, headers: { authorization: `Bearer ${token}` } });
    const refused = await get("/profile");
    expect([refused.statusCode, refused.json()]).toMatchObject([401, { code: "invalid_token" }]);
    expect(refused.headers).toMatchObject({
      "content-type": "application/problem+json",
      "www-authenticate": 'Bearer error="invalid_token"',
    });
    expect(handled).toEqual([]);
    for (const url of ["/broken", "/public"]) expect((await get(url)).json()).toEqual({ handled: true });
    expect(handled).toHaveLength(2);
  });

  test("leaves handlers that answer by themselves as they are", async () => {
    const app = await application();
    app.get("/later", { preHandler: requireUser(auth) }, (request, reply) => {
      setImmediate(() => reply.send({ id: request.user.id }));
    });
    const { statusCode } = await app.inject({ url: "/later", headers: { authorization: `Bearer ${token}` } });
    expect(statusCode).toBe(200);
  });
});

/** Authgraft, where users are gone as soon as they are let in. */
function gone(): TestAuth {
  const profile = () => Promise.reject(new SignInError("invalid_token", "The user is gone."));
  return {
    ...auth,
    authenticate: async (presented) => ({ ...(await auth.authenticate(presented)), profile }),
  };
}
