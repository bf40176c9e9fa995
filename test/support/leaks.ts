import { hashSync } from "@node-rs/bcrypt";
import type { Answer, TestAuth } from "./auth.ts";
import { TEST_SECRET } from "./auth.ts";
import { OWNER } from "./owner.ts";
import type { TestDatabase } from "./postgres.ts";

/** Passwords that no text has by chance. */
const CANARY = "canary-Password-7f3a";
const WRONG_CANARY = "canary-Wrong-9c1d";
export const OLD_HASH = hashSync(CANARY, { cost: 10 });

interface Seen {
  readonly where: string;
  readonly status: number;
  readonly text: string;
}

/** All that a walk through every route and error path brought out. */
export interface Walk {
  readonly answers: readonly Seen[];
  readonly logs: readonly string[];
  readonly secrets: readonly string[];
  readonly tokens: readonly string[];
}

const NEW_USER = {
  email: "new@canary.example",
  username: "canary-new",
  display_name: "New",
  password: CANARY,
};

/** What the old application's own triggers and rules may do to a registration: each with the whole row in its mouth. */
const OBJECTIONS = [
  "RAISE EXCEPTION '%', NEW USING DETAIL = NEW::text, HINT = NEW::text;",
  "RAISE EXCEPTION '%', NEW USING ERRCODE = 'XX000', DETAIL = NEW::text;",
  "RAISE EXCEPTION '%', NEW USING ERRCODE = '23505', DETAIL = NEW::text;",
  "RAISE EXCEPTION '%', NEW USING ERRCODE = '57P01', DETAIL = NEW::text;",
  "PERFORM NEW.password_hash::integer; RETURN NEW;",
  "NEW.username := NULL; RETURN NEW;",
  "RETURN NULL;",
] as const;

/**
 * Goes every way there is through the routes of sample B, with passwords and hashes that can be recognised.
 * The user `canary-old` is there with `OLD_HASH`.
 */
export async function walkEverywhere(auth: TestAuth, database: TestDatabase): Promise<Walk> {
  const answers: Seen[] = [];
  const tokens: string[] = [];
  const see = async (where: string, asked: Promise<Answer>) => {
    const answer = await asked;
    const headers = [...answer.headers].map(([name, value]) => `${name}: ${value}`);
    answers.push({ where, status: answer.status, text: [...headers, answer.text].join("\n") });
    if (typeof answer.body?.token === "string") tokens.push(answer.body.token);
    return answer;
  };
  const post = (path: string, body: unknown, token?: string) =>
    see(`POST ${path}`, auth.post(path, body, token === undefined ? {} : { token }));
  const get = (path: string, token?: string) =>
    see(`GET ${path}`, auth.get(path, token === undefined ? {} : { token }));

  await walkRegistrations(post, database);
  await walkLogins(post, database);
  const { body } = await post("/v1/auth/login", { username: "canary-old", password: CANARY });
  await get("/v1/users/me", body.token);
  await get("/v1/users/me", `${body.token}x`);
  await get("/v1/users/me");
  await withoutTable(database, "revoked_tokens", () => get("/v1/users/me", body.token));
  await withoutTable(database, "revoked_tokens", () => post("/v1/auth/logout", undefined, body.token));
  await withoutTable(database, "revoked_tokens", () => get("/readyz"));
  await post("/v1/auth/logout", undefined, body.token);
  await get("/v1/users/me", body.token);
  await post("/v1/auth/logout", undefined, CANARY);
  for (const path of ["/healthz", "/readyz", "/openapi.json"]) await get(path);
  for (const path of [`/${CANARY}`, `/v1/users/me?password=${CANARY}`, `/v1/auth/login?password=${CANARY}`])
    await get(path);
  return {
    answers,
    logs: auth.logs,
    tokens,
    secrets: [...(await storedSecrets(database)), CANARY, WRONG_CANARY],
  };
}

type Post = (path: string, body: unknown) => Promise<Answer>;

async function walkRegistrations(post: Post, database: TestDatabase): Promise<void> {
  const register = (changes: object) => post("/v1/auth/register", { ...NEW_USER, ...changes });
  await register({});
  await register({});
  await register({ email: CANARY, username: CANARY, display_name: `${CANARY}\n` });
  await register({ password: CANARY.slice(0, 6) });
  await register({ password: CANARY.repeat(9) });
  await register({ password: [CANARY] });
  await register({ passwort: CANARY });
  for (const [n, objection] of OBJECTIONS.entries()) {
    await database.query(`CREATE OR REPLACE FUNCTION object() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${objection} END $$;
      CREATE TRIGGER object BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION object()`);
    await register({ email: `n${n}@canary.example`, username: `canary-${n}` });
    await database.query("DROP TRIGGER object ON users");
  }
}

async function walkLogins(post: Post, database: TestDatabase): Promise<void> {
  const path = "/v1/auth/login";
  await post(path, { email: NEW_USER.email, password: CANARY });
  await post(path, { email: NEW_USER.email, password: WRONG_CANARY });
  await post(path, { email: "nobody@canary.example", password: CANARY });
  await post(path, { email: CANARY, password: CANARY });
  await post(path, { password: CANARY });
  await post(path, [CANARY]);
  await post(path, CANARY);
  await post(path, { username: "x".repeat(17_000), password: CANARY });
  await withoutTable(database, "authgraft.accounts", () =>
    post(path, { email: NEW_USER.email, password: CANARY }),
  );
  // The new hash of an outdated one cannot be stored, and the error says what it would have been.
  await database.query(`CREATE OR REPLACE FUNCTION object() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${OBJECTIONS[0]} END $$;
    CREATE TRIGGER object BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION object()`);
  await post(path, { username: "canary-old", password: CANARY });
  await database.query("DROP TRIGGER object ON users");
}

async function withoutTable(
  database: TestDatabase,
  table: string,
  work: () => Promise<unknown>,
): Promise<void> {
  const bare = table.split(".").at(-1);
  await database.query(`ALTER TABLE ${table} RENAME TO ${bare}_gone`);
  await work();
  await database.query(`ALTER TABLE ${table}_gone RENAME TO ${bare}`);
}

async function storedSecrets(database: TestDatabase): Promise<string[]> {
  const { rows } = await database.query<{ secret: string }>(
    `SELECT password_hash AS secret FROM users WHERE password_hash IS NOT NULL
     UNION SELECT private_jwe FROM authgraft.signing_keys`,
  );
  return [...rows.map(({ secret }) => secret), OLD_HASH, TEST_SECRET, OWNER.password];
}

/** Any text that begins like a stored hash, whoever's it is. */
const HASH_SHAPE = /\$(?:argon2(?:id|i|d)|2[abxy]|pbkdf2-sha256)\$|pbkdf2_sha256\$/;

/** Where secrets came out: in an answer, or in the log, where tokens are secrets too. */
export function findLeaks({ answers, logs, secrets, tokens }: Walk): string[] {
  const holds = (text: string, all: readonly string[]) =>
    HASH_SHAPE.test(text) || all.some((secret) => text.includes(secret));
  return [
    ...answers.filter(({ text }) => holds(text, secrets)).map(({ where, status }) => `${where} ${status}`),
    ...logs.filter((line) => holds(line, [...secrets, ...tokens])).map(() => "log"),
  ];
}
