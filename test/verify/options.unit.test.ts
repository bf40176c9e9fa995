import { expect, onTestFinished, test } from "vitest";
import { createVerifier, type VerifierOptions } from "../../src/verify/verifier.ts";

const GOOD: VerifierOptions = {
  url: "http://127.0.0.1:1/auth/",
  issuer: "https://auth.example.com",
  audience: "example.com",
  service: { id: "orders", secret: "a secret of no worth" },
};

test.for([
  ["url", { url: "auth.example.com" }],
  ["url", { url: "ftp://auth.example.com" }],
  ["url", { url: "https://orders:secret@auth.example.com" }],
  ["issuer", { issuer: "" }],
  ["audience", { audience: undefined as unknown as string }],
  ["service.secret", { service: { id: "orders", secret: "" } }],
  ["service.secret", { service: { id: "orders", secret: "half a pair: \ud800" } }],
  ["service.id", { service: undefined as never }],
  ["service.id", { service: null as never }],
  ["service.id", { service: "orders" as never }],
  ["url", { url: undefined as never }],
  ["url", { url: 4000 as never }],
  ["issuer", { issuer: ["https://auth.example.com"] as never }],
  ["clientId", { clientId: null as never }],
  ["maxStalenessSeconds", { maxStalenessSeconds: "2" as never }],
  ["fetch", { fetch: "fetch" as never }],
  ["now", { now: 0 as never }],
  ["onTrouble", { onTrouble: console as never }],
  ["maxStalenessSeconds", { maxStalenessSeconds: 0 }],
  ["maxStalenessSeconds", { maxStalenessSeconds: Number.NaN }],
] as const)("a verifier with a mistake in %s is not made", ([name, change]) => {
  expect(() => createVerifier({ ...GOOD, ...change })).toThrow(
    expect.objectContaining({ code: "configuration_invalid", message: expect.stringContaining(`"${name}"`) }),
  );
});

test.for([undefined, null, "https://auth.example.com"])("a verifier is not made of %s", (options) => {
  expect(() => createVerifier(options as never)).toThrow(
    expect.objectContaining({ code: "configuration_invalid", name: "ConfigurationError" }),
  );
});

test("Authgraft is asked below the path where it is mounted, with the id and the secret form-encoded", async () => {
  const asked: Request[] = [];
  const service = { id: "orders", secret: "100% + ß:" };
  const verifier = createVerifier({
    ...GOOD,
    service,
    fetch: async (input, init) => {
      asked.push(new Request(input, init));
      return new Response(null, { status: 503 });
    },
  });
  onTestFinished(() => verifier.close());
  await expect.poll(() => asked.length).toBeGreaterThan(0);
  expect(new URL(asked[0]?.url ?? "").pathname).toBe("/auth/v1/revocations");
  const [, encoded = ""] = asked[0]?.headers.get("authorization")?.split(" ") ?? [];
  expect(Buffer.from(encoded, "base64").toString()).toBe("orders:100%25%20%2B%20%C3%9F%3A");
  expect(asked[0]?.redirect).toBe("manual");
});
