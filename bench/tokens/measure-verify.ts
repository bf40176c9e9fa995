import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { query } from "../../scripts/support/database-server.ts";
import { type Application, makeApplication, publicKeyOf, signIn, tokenIdOf } from "./application.ts";
import { type Child, startChild } from "./child.ts";
import { type FreshRun, measureFirstSight } from "./measure-first-sight.ts";
import type { Measuring } from "./measuring.ts";
import type { CallTimes } from "./time-calls.ts";

/** Who verifies; each in a process of its own. */
export type Verifier =
  | "authgraft, nothing revoked"
  | "authgraft, one revoked"
  | "authgraft, many revoked"
  | "jose"
  | "jose and SELECT"
  | "fast-jwt"
  | "fast-jwt, its cache"
  | "better-auth";

/** One verifier's calls of one round, with a token it has seen before. */
export interface SeenRun extends CallTimes {
  readonly verifier: Verifier;
  readonly repeat: number;
}

/** What came of it. */
export interface VerifyResults {
  /** How many are revoked where many are. */
  readonly revoked: number;
  /** Who accepted a token after it had been revoked: said of each that could have noticed. */
  readonly accepts: Readonly<Partial<Record<Verifier, boolean>>>;
  readonly seen: readonly SeenRun[];
  readonly fresh: readonly FreshRun[];
}

/** Rounds before those that count: code is compiled. */
const WARM_UP = 1;

const AUTHGRAFT = new URL("./children/authgraft-verify.ts", import.meta.url);
const JOSE = new URL("./children/jose-verify.ts", import.meta.url);

/** What is not of the checkout's own dependencies is written in plain JavaScript. */
const plainModule = (name: string) => new URL(`./children/${name}.mjs`, import.meta.url);

interface Subject {
  readonly verifier: Verifier;
  readonly child: Child;
  /** A token that it accepts. */
  readonly token: string;
  /** Where that token can be revoked; null where it is none of ours. */
  readonly url: string | null;
}

/** Times who verifies a token, in turn, each in a process of its own. */
export async function measureVerify(measuring: Measuring): Promise<VerifyResults> {
  const { say } = measuring;
  const applications = await makeApplications(measuring);
  const crowded = await measuring.crowded();
  const subjects = await startSubjects(measuring, applications, crowded);
  try {
    const seen = await measureSeen(subjects, measuring);
    const fresh = await measureFirstSight(measuring, applications.nothing);
    const accepts = await revokeTheirs(subjects);
    say(`whether a revoked token is accepted: ${JSON.stringify(accepts)}`);
    return { revoked: crowded.revoked, accepts, seen, fresh };
  } finally {
    for (const { child } of subjects) await child.stop();
  }
}

interface Applications {
  readonly nothing: Application;
  readonly one: Application;
}

async function makeApplications({ database }: Measuring): Promise<Applications> {
  const nothing = await makeApplication(database, "verify_nothing");
  const one = await makeApplication(database, "verify_one");
  await query(
    one.url,
    "INSERT INTO public.revoked_tokens (jti, expires_at) VALUES ('another', now() + interval '2 hours')",
  );
  return { nothing, one };
}

async function startSubjects(
  { database, signal }: Measuring,
  { nothing, one }: Applications,
  crowded: Application,
): Promise<Subject[]> {
  const subjects: Subject[] = [];
  const start = async (verifier: Verifier, module: URL, options: object, of: Signed | null) => {
    const child = await startChild(module, options, signal);
    subjects.push({ verifier, child, token: of?.token ?? "", url: of?.url ?? null });
  };
  const signed = { nothing: await sign(nothing), one: await sign(one), crowded: await sign(crowded) };
  await start("authgraft, nothing revoked", AUTHGRAFT, nothing, signed.nothing);
  await start("jose", JOSE, { key: await publicKeyOf(nothing), url: null }, signed.nothing);
  await start("authgraft, one revoked", AUTHGRAFT, one, signed.one);
  await start("authgraft, many revoked", AUTHGRAFT, crowded, signed.crowded);
  const key = await publicKeyOf(crowded);
  await start("jose and SELECT", JOSE, { key, url: crowded.url }, signed.crowded);
  await start("fast-jwt", plainModule("fast-jwt-verify"), { key, cache: false }, signed.crowded);
  await start("fast-jwt, its cache", plainModule("fast-jwt-verify"), { key, cache: true }, signed.crowded);
  await start("better-auth", plainModule("better-auth-session"), await prepareBetterAuth(database), null);
  return subjects;
}

interface Signed {
  readonly token: string;
  readonly url: string;
}

async function sign(application: Application): Promise<Signed> {
  const [token = ""] = await signIn(application, 1);
  return { token, url: application.url };
}

async function prepareBetterAuth({ createDatabase }: Measuring["database"]): Promise<object> {
  const databaseUrl = await createDatabase("better_auth_sessions");
  const [secret, password] = [randomBytes(48).toString("base64"), randomBytes(9).toString("base64url")];
  const module = fileURLToPath(plainModule("../../passwords/better-auth/prepare"));
  const people = { databaseUrl, users: 1_000, password };
  await promisify(execFile)(process.execPath, [module, JSON.stringify(people)]);
  return { databaseUrl, secret, email: "person.1@example.com", password };
}

async function measureSeen(subjects: readonly Subject[], { options, say }: Measuring): Promise<SeenRun[]> {
  const runs: SeenRun[] = [];
  const milliseconds = options.seconds * 100;
  for (let repeat = 1 - WARM_UP; repeat <= options.repeats; repeat++) {
    for (const { verifier, child, token } of subjects) {
      const times = await child.call<CallTimes>("again", { token, milliseconds });
      if (repeat < 1) continue;
      runs.push({ verifier, repeat, ...times });
      const { p50, p99 } = times.spread;
      say(
        `${verifier} #${repeat}: ${times.mean.toFixed(2)} µs each, p50 ${p50.toFixed(2)}, p99 ${p99.toFixed(2)}`,
      );
    }
  }
  return runs;
}

/** Who accepts the token it was timed with although it is revoked by now: said of each that could have noticed. */
async function revokeTheirs(subjects: readonly Subject[]): Promise<VerifyResults["accepts"]> {
  const asked = subjects.filter(({ url }) => url !== null);
  for (const { token, url } of asked) {
    await query(
      url ?? "",
      `INSERT INTO public.revoked_tokens (jti, expires_at) VALUES ($1, now() + interval '2 hours')
       ON CONFLICT (jti) DO NOTHING`,
      [tokenIdOf(token)],
    );
  }
  await sleep(1_000);
  const accepts: Partial<Record<Verifier, boolean>> = {};
  for (const { verifier, child, token } of asked)
    accepts[verifier] = await child.call<boolean>("isAccepted", token);
  return accepts;
}
