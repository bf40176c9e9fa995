import { z } from "zod";
import type { Bridge, Hook, MailTemplates } from "./own-functions.ts";
import { passwords } from "./passwords-schema.ts";

/** PostgreSQL cuts a name after 63 bytes without a word. */
const name = (bytes: number) =>
  z
    .string()
    .min(1)
    .refine((text) => Buffer.byteLength(text) <= bytes && !text.includes("\0"), {
      error: `a name has at most ${bytes} bytes here, and no NUL`,
    });

const column = name(63);

/** Room for `_archive`, so that the archive's name is not cut; `pg_` is PostgreSQL's own. */
const graftSchema = name(55).refine((text) => !/^(pg_|public$|information_schema$)/.test(text), {
  error: "it must be a schema of its own: not public, and not one of PostgreSQL's",
});

/** A value for a column of the users table: a constant, or an SQL expression such as `{ sql: "now()" }`. */
const columnValue = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.null(),
  z.strictObject({ sql: z.string().min(1) }),
]);

const mapping = z.strictObject({
  id: column.optional(),
  username: column.nullable().optional(),
  email: column.optional(),
  password_hash: column.optional(),
  is_admin: column.optional(),
  admin: z.strictObject({ column, equals: z.string() }).optional(),
  auth_provider: column.nullable().optional(),
  auth_provider_id: column.nullable().optional(),
  display_name: column.nullable().optional(),
  created_at: column.nullable().optional(),
  deleted: column.nullable().optional(),
});

const registration = z.strictObject({
  mode: z.enum(["open", "private", "off"]).default("open"),
  values: z.record(column, columnValue).default({}),
  generateId: z.custom<() => string>((value) => typeof value === "function").optional(),
});

const tokens = z.strictObject({
  algorithm: z.enum(["ES256", "EdDSA", "RS256", "HS256"]).default("ES256"),
  issuer: z.url().default("http://localhost:8080"),
  audience: z.string().min(1).default("authgraft"),
  clientId: z.string().min(1).default("authgraft"),
  lifetimeSeconds: z.number().int().min(60).max(86_400).default(900),
  maxStalenessSeconds: z.number().min(0.5).max(60).default(2),
  listen: z.boolean().default(true),
});

/** A session ends when it was not used for so long, and after so long in any case. */
const sessions = z.strictObject({
  idleSeconds: z.number().int().min(300).max(31_536_000).default(1_209_600),
  lifetimeSeconds: z.number().int().min(300).max(315_360_000).default(7_776_000),
  recentSeconds: z.number().int().min(60).max(86_400).default(900),
});

const origin = z.url({ protocol: /^https?$/ }).refine((text) => new URL(text).origin === text, {
  error: "it must be an origin, such as https://app.example.com, without a path",
});

const cookies = z.strictObject({
  secure: z.boolean().default(true),
  sameSite: z.enum(["strict", "lax", "none"]).default("strict"),
  domain: z.string().min(1).nullable().default(null),
  allowedOrigins: z.array(origin).max(100).default([]),
});

/** Another service that may ask about tokens and follow what is revoked. */
const service = z.strictObject({
  id: z.string().regex(/^[\w.-]{1,100}$/, { error: "letters, digits, . _ and -" }),
  secretSha256: z.string().regex(/^[0-9a-f]{64}$/, { error: "the SHA-256 of the secret, as 64 hex digits" }),
});

/** A function of the application's own; what it is given and may answer is described where it is called. */
const ownFunction = <Own extends (...given: never[]) => unknown>() =>
  z.custom<Own>((value) => typeof value === "function", { error: "it must be a function" });

/** A URL that people are sent to. A fragment is where the token of a link goes. */
const page = z.url({ protocol: /^https?$/ }).refine((text) => new URL(text).hash === "", {
  error: "it must be a URL without a fragment",
});

/** The pages that the links in mails lead to; those of `publicUrl` unless given. */
const links = z.strictObject({
  verifyEmail: page.optional(),
  resetPassword: page.optional(),
  changeEmail: page.optional(),
  claim: page.optional(),
  register: page.optional(),
});

const linkLifetimes = z.strictObject({
  verifyEmailSeconds: z.number().int().min(300).max(2_592_000).default(86_400),
  resetPasswordSeconds: z.number().int().min(300).max(86_400).default(3_600),
  changeEmailSeconds: z.number().int().min(300).max(604_800).default(86_400),
  claimSeconds: z.number().int().min(300).max(2_592_000).default(604_800),
  registerSeconds: z.number().int().min(300).max(604_800).default(86_400),
});

const mail = z.strictObject({
  url: z.url({ protocol: /^smtps?$/ }).optional(),
  from: z.string().min(3).max(320).optional(),
  application: z.string().min(1).max(100).optional(),
  defaultLanguage: z
    .string()
    .regex(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/)
    .default("en"),
  templates: ownFunction<MailTemplates>().optional(),
});

const limit = (most: number, windowSeconds: number) =>
  z
    .strictObject({
      most: z.number().int().min(1).max(1_000_000).default(most),
      windowSeconds: z.number().int().min(1).max(604_800).default(windowSeconds),
    })
    .prefault({});

/** How often something may be tried within a time. */
const throttling = z.strictObject({
  mode: z.enum(["on", "off"]).default("on"),
  failuresPerAccount: limit(10, 900),
  failuresPerDevice: limit(10, 900),
  failuresPerAddress: limit(100, 900),
  registrationsPerAddress: limit(50, 3_600),
  mailsPerAccount: limit(5, 3_600),
  mailsPerAddress: limit(50, 3_600),
});

const profile = z.strictObject({
  editable: z.array(z.enum(["username", "display_name"])).default(["username", "display_name"]),
});

const administration = z.strictObject({
  promotion: z.boolean().default(true),
  queryRows: z.boolean().default(false),
});

const audit = z.strictObject({
  retentionDays: z.number().int().min(1).max(36_500).nullable().default(365),
});

const hooks = z.strictObject({
  onRegister: ownFunction<Hook<"onRegister">>().optional(),
  onLogin: ownFunction<Hook<"onLogin">>().optional(),
  onClaim: ownFunction<Hook<"onClaim">>().optional(),
  onPasswordChange: ownFunction<Hook<"onPasswordChange">>().optional(),
  onEmailVerified: ownFunction<Hook<"onEmailVerified">>().optional(),
  onEmailChange: ownFunction<Hook<"onEmailChange">>().optional(),
  onProfileChange: ownFunction<Hook<"onProfileChange">>().optional(),
  onCloseAccount: ownFunction<Hook<"onCloseAccount">>().optional(),
  deleteUser: ownFunction<Hook<"deleteUser">>().optional(),
});

const lock = z.strictObject({
  budgetMilliseconds: z.number().int().min(5).max(10_000).default(50),
  deadlineSeconds: z.number().min(0.1).max(86_400).default(600),
});

/** What a user may set, in `authgraft.config.{ts,js,json}` or as the argument of `createAuth`. */
export const configurationSchema = z.strictObject({
  databaseUrl: z.string().optional(),
  table: z.string().min(1).default("users"),
  schema: graftSchema.default("authgraft"),
  mapping: mapping.default({}),
  emailUniqueConstraint: z.boolean().default(false),
  registration: z
    .union([
      z.enum(["open", "private", "off"]).transform((mode) => registration.parse({ mode })),
      registration,
    ])
    .default(() => registration.parse({})),
  passwords: passwords.prefault({}),
  tokens: tokens.prefault({}),
  sessions: sessions.prefault({}),
  cookies: cookies.prefault({}),
  services: z.array(service).max(100).default([]),
  publicUrl: page.default("http://localhost:8080"),
  links: links.prefault({}),
  linkLifetimes: linkLifetimes.prefault({}),
  allowedRedirects: z.array(page).max(100).default([]),
  legacyEmails: z.enum(["untrusted", "trusted"]).default("untrusted"),
  mail: mail.prefault({}),
  throttling: z
    .union([z.enum(["on", "off"]).transform((mode) => throttling.parse({ mode })), throttling])
    .default(() => throttling.parse({})),
  profile: profile.prefault({}),
  closeAccount: z.enum(["disable", "delete"]).default("disable"),
  bridge: ownFunction<Bridge>().optional(),
  hooks: hooks.prefault({}),
  administration: administration.prefault({}),
  audit: audit.prefault({}),
  development: z.boolean().default(false),
  serverRole: column.optional(),
  closeExposures: z.boolean().default(false),
  lock: lock.prefault({}),
  accept: z.array(z.string()).default([]),
  trustedProxies: z.number().int().min(0).max(10).default(0),
  metrics: z.boolean().default(false),
  host: z.string().default("127.0.0.1"),
  port: z.number().int().min(0).max(65_535).default(8080),
});

/** A configuration as a user writes it: everything has a default. */
export type ConfigurationInput = z.input<typeof configurationSchema>;

/** A configuration after parsing: complete and frozen. */
export type Configuration = Readonly<z.output<typeof configurationSchema>>;

/** A value that registration writes into a column of the application's own. */
export type ColumnValue = z.output<typeof columnValue>;
