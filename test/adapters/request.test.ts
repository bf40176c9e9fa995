import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createHandler, refusal, requireAdmin, requireUser, withUser } from "../../src/adapters/request.ts";
import { OverloadedError, SignInError } from "../../src/errors.ts";
import { openAuth, type TestAuth } from "../support/auth.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";

let database: TestDatabase;
let auth: TestAuth;
let signedIn: Request;

beforeAll(async () => {
  database = await createTestDatabase({ sample: "a", grafted: {} });
  auth = await openAuth(database);
  const names = { email: "ada@example.com", username: "ada-1815" };
  const { body } = await auth.post("/v1/auth/register", { ...names, password: "a tower of violins" });
  signedIn = new Request("http://localhost/orders", { headers: { authorization: `Bearer ${body.token}` } });
});

afterAll(() => auth?.close());

describe("requireUser and requireAdmin", () => {
  test("return who a request speaks for, or throw why it does not", async () => {
    const { id, expiresAt, profile } = await requireUser(auth)(signedIn);
    const text: string = id;
    expect(await profile()).toMatchObject({ id: text, email: "ada@example.com" });
    expect(expiresAt.getTime()).toBeGreaterThan(Date.now());
    await expect(requireUser(auth)(new Request("http://localhost/"))).rejects.toBeInstanceOf(SignInError);
    await expect(requireAdmin(auth)(signedIn)).rejects.toMatchObject({ code: "forbidden" });
  });
});

describe("refusal", () => {
  test("makes of what they throw the answer it is due", async () => {
    const thrown: unknown = await requireAdmin(auth)(signedIn).catch((error: unknown) => error);
    expect(refusal(thrown)?.status).toBe(403);
    const untold: unknown = await requireUser(auth)(new Request("http://localhost/")).catch(
      (error: unknown) => error,
    );
    expect(refusal(untold)?.headers.get("www-authenticate")).toBe("Bearer");
    const waiting = refusal(new OverloadedError(7));
    expect([waiting?.status, waiting?.headers.get("retry-after")]).toEqual([503, "7"]);
  });

  test("makes nothing of an application's own errors", () => {
    expect([new TypeError("a fault"), "a text", undefined].map(refusal)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("withUser", () => {
  test("hands on what a framework passes besides the request, with its types", async () => {
    interface Context {
      readonly params: Promise<{ readonly order: string }>;
    }
    const GET = withUser(auth, async (request: Request, user, { params }: Context) => {
      const id: string = user.id;
      return Response.json({ at: new URL(request.url).pathname, isText: id !== "", ...(await params) });
    });
    const response = await GET(signedIn, { params: Promise.resolve({ order: "7" }) });
    expect(await response.json()).toEqual({ at: "/orders", isText: true, order: "7" });
  });
});

test("createHandler hands the address on, and needs none", async () => {
  const addresses: (string | undefined)[] = [];
  const recording = {
    ...auth,
    fetch: async (_: Request, from: { readonly address?: string | undefined } = {}) => {
      addresses.push(from.address);
      return new Response();
    },
  };
  const handle = createHandler(recording, () => new Response("mine"));
  await handle(new Request("http://localhost/healthz"), { address: "192.0.2.7" });
  await handle(new Request("http://localhost/healthz?verbose"));
  expect(await (await handle(signedIn)).text()).toBe("mine");
  expect(addresses).toEqual(["192.0.2.7", undefined]);
});
