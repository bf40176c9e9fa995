import { z } from "zod";

/** A salted digest of the application's own, as `passwords/stored-hash.ts` describes it. */
const digest = z.strictObject({
  algorithm: z.enum(["md5", "sha1", "sha224", "sha256", "sha384", "sha512"]),
  order: z.enum(["salt-password", "password-salt", "salt-password-salt", "hmac"]),
  layout: z
    .string()
    .max(100)
    .refine((text) => text.split("{salt}").length === 2 && text.split("{digest}").length === 2, {
      error: "it needs {salt} once and {digest} once, such as {salt}:{digest}",
    }),
  digestEncoding: z.enum(["hex", "base64"]).default("hex"),
  saltEncoding: z.enum(["text", "hex", "base64"]).default("text"),
  iterations: z.number().int().min(1).max(1_000_000).default(1),
  iterateOver: z.enum(["bytes", "hex"]).default("bytes"),
});

const legacy = z.strictObject({
  unsalted: z.enum(["refuse", "verify"]).default("refuse"),
  pepper: z.string().min(1).nullable().default(null),
  firebaseSignerKey: z.base64().min(1).nullable().default(null),
  digests: z.array(digest).max(10).default([]),
});

const hashing = z.strictObject({
  threads: z.number().int().min(1).max(256).optional(),
  queue: z.number().int().min(1).max(100_000).default(256),
  queuePerAddress: z.number().int().min(1).max(100_000).default(64),
  queuePerAccount: z.number().int().min(1).max(1_000).default(32),
  longestWaitSeconds: z.number().min(0.1).max(60).default(5),
  niceness: z.number().int().min(0).max(19).default(10),
});

const breachedPasswordCheck = z.strictObject({
  mode: z.enum(["on", "off"]).default("on"),
  url: z.url({ protocol: /^https?$/ }).default("https://api.pwnedpasswords.com/range"),
  timeoutMilliseconds: z.number().int().min(100).max(10_000).default(1_000),
});

/** What `passwords` may say. */
export const passwords = z
  .strictObject({
    algorithm: z.enum(["argon2id", "bcrypt", "pbkdf2-sha256"]).default("argon2id"),
    bcryptCost: z.number().int().min(10).max(16).default(10),
    rehash: z.enum(["on-login", "never"]).optional(),
    minimumLength: z.number().int().min(8).max(64).default(8),
    maximumLength: z.number().int().min(64).max(1024).default(72),
    contextWords: z.array(z.string().min(3).max(100)).max(100).default(["authgraft"]),
    breachedPasswordCheck: z
      .union([
        z.enum(["on", "off"]).transform((mode) => breachedPasswordCheck.parse({ mode })),
        breachedPasswordCheck,
      ])
      .default(() => breachedPasswordCheck.parse({ mode: "off" })),
    legacy: legacy.prefault({}),
    hashing: hashing.prefault({}),
  })
  .refine((value) => value.algorithm !== "bcrypt" || value.maximumLength <= 72, {
    path: ["maximumLength"],
    error: "bcrypt reads no more than 72 bytes, so maximumLength cannot be above 72 with it",
  });
