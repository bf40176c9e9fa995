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
  ["secret", { service: { id: "orders", secret: "" } }],
  ["maxStalenessSeconds", { maxStalenessSeconds: 0 }],
  ["maxStalenessSeconds", { maxStalenessSeconds: Number.NaN }],
] as const)("a verifier with a mistake in %s is not made", ([name, change]) => {
  expect(() => createVerifier({ ...GOOD, ...change })).toThrow(
    expect.objectContaining({ code: "configuration_invalid", message: expect.stringContaining(`"${name}"`) }),
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
  expect(asked[0]?.redirect).toBe("error");
});
