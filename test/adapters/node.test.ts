import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createListener, requireUser } from "../../src/adapters/node.ts";
import { openAuth, type TestAuth } from "../support/auth.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { start } from "./support/application.ts";

let auth: TestAuth;
let token: string;

beforeAll(async () => {
  const database = await createTestDatabase({ sample: "a", grafted: {} });
  auth = await openAuth(database);
  const ada = { email: "ada@example.com", username: "ada-1815", password: "a tower of violins" };
  token = (await auth.post("/v1/auth/register", ada)).body.token;
});

afterAll(() => auth?.close());

/** Sends bytes as they are; returns what comes back until the connection ends. */
async function sendRaw(origin: string, request: string): Promise<string> {
  const socket = connect(Number(new URL(origin).port), "127.0.0.1");
  await once(socket, "connect");
  socket.write(request);
  return text(socket);
}

test("without a fallback, what is none of Authgraft's routes is not found", async () => {
  const { origin } = await start(() => createServer(createListener(auth)), auth);
  const response = await fetch(`${origin}/orders`);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect([response.status, await response.json()]).toMatchObject([404, { code: "not_found" }]);
});

test("HTTP/1.0, which has no Host, is answered; a Host that is none is the sender's mistake", async () => {
  const { origin } = await start(() => createServer(createListener(auth)), auth);
  expect(await sendRaw(origin, "GET /healthz HTTP/1.0\r\n\r\n")).toMatch(/^HTTP\/1\.1 200 /);
  const refused = await sendRaw(origin, "GET /healthz HTTP/1.1\r\nHost: a/b\r\nConnection: close\r\n\r\n");
  expect(refused).toMatch(/^HTTP\/1\.1 400 .*"code":"request_invalid"/s);
});

test("the platform's Request and Response stay what they were", async () => {
  const [request, response] = [globalThis.Request, globalThis.Response];
  const { origin } = await start(() => createServer(createListener(auth)), auth);
  expect((await fetch(`${origin}/healthz`)).status).toBe(200);
  expect(globalThis.Request).toBe(request);
  expect(globalThis.Response).toBe(response);
});

test("a user who is gone after the answer has begun ends it, and nothing else", async () => {
  const gone: TestAuth = {
    ...auth,
    authenticate: async (presented) => ({
      ...(await auth.authenticate(presented)),
      profile: async () => (await auth.authenticate("Bearer bad")).profile(),
    }),
  };
  const fallback = requireUser(gone)(async (_, response, user) => {
    response.write("Hello, ");
    response.end((await user.profile()).email);
  });
  const { origin } = await start(() => createServer(createListener(gone, { fallback })), gone);
  const headers = { authorization: `Bearer ${token}` };
  await expect(fetch(origin, { headers }).then((response) => response.text())).rejects.toThrow();
  expect((await fetch(`${origin}/healthz`)).status).toBe(200);
});
