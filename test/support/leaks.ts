import { createHash } from "node:crypto";
import { hashSync } from "@node-rs/bcrypt";
import type { Answer, TestAuth } from "./auth.ts";
import { TEST_SECRET } from "./auth.ts";
import { OWNER } from "./owner.ts";
import type { TestDatabase } from "./postgres.ts";

/** Passwords that no text has by chance. */
const CANARY = "canary-Password-7f3a";
const WRONG_CANARY = "canary-Wrong-9c1d";
/** A service whose secret can be recognised too. */
export const SERVICES = [{ id: "canary", secretSha256: createHash("sha256").update(CANARY).digest("hex") }];
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
    const [, inCookie] = /authgraft_refresh=([^;]+)/.exec(answer.headers.get("set-cookie") ?? "") ?? [];
    const given = [answer.body?.token, answer.body?.refresh_token, inCookie];
    tokens.push(...given.filter((token): token is string => typeof token === "string"));
    return answer;
  };
  const post = (path: string, body: unknown, token?: string) =>
    see(`POST ${path}`, auth.post(path, body, token === undefined ? {} : { token }));
  const get = (path: string, token?: string) =>
    see(`GET ${path}`, auth.get(path, token === undefined ? {} : { token }));

  await walkRegistrations(post, database);
  await walkLogins(post, database);
  await walkSessions({ auth, database, see, post, get });
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
  for (const path of ["/healthz", "/readyz", "/openapi.json", "/.well-known/jwks.json"]) await get(path);
  for (const path of [`/${CANARY}`, `/v1/users/me?password=${CANARY}`, `/v1/auth/login?password=${CANARY}`])
    await get(path);
  return {
    answers,
    logs: auth.logs,
    tokens,
    secrets: [...(await storedSecrets(database)), CANARY, WRONG_CANARY],
  };
}

type Post = (path: string, body: unknown, token?: string) => Promise<Answer>;

interface Ways {
  readonly auth: TestAuth;
  readonly database: TestDatabase;
  readonly see: (where: string, asked: Promise<Answer>) => Promise<Answer>;
  readonly post: Post;
  readonly get: (path: string, token?: string) => Promise<Answer>;
}

/** Refresh tokens of every fate, in bodies, cookies, forms and places where they do not belong. */
async function walkSessions({ auth, database, see, post, get }: Ways): Promise<void> {
  const credentials = { username: "canary-old", password: CANARY };
  const login = async () => (await post("/v1/auth/login", credentials)).body;
  const refresh = (token: unknown) => post("/v1/auth/refresh", { refresh_token: token });
  const form = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    see(`POST ${path}`, auth.send(path, { method: "POST", body: new URLSearchParams(fields), headers }));
  const end = (id: string, token: string) =>
    see(
      "DELETE /v1/users/me/sessions/{id}",
      auth.send(`/v1/users/me/sessions/${id}`, {
        method: "DELETE",
        headers: { authorization: `Bearer ${token}` },
      }),
    );

  const { token, refresh_token: first } = await login();
  const next = (await refresh(first)).body.refresh_token;
  for (const bad of [`${first}x`, [first], CANARY, token]) await refresh(bad);
  await get("/v1/users/me", first);
  await get(`/v1/auth/refresh?refresh_token=${first}`);
  for (const table of ["authgraft.sessions", "users"])
    await withoutTable(database, table, () => refresh(next));
  await failing(database, "authgraft.sessions", () => refresh(next));
  await withCookie(see, auth, credentials);
  await database.query("UPDATE authgraft.sessions SET used_refresh_hashes = '[]'");
  await refresh(first);
  await refresh(next);

  const again = await login();
  const sessions = await get("/v1/users/me/sessions", again.token);
  for (const id of [sessions.body.sessions[0].id, CANARY, first]) await end(id, again.token);
  const last = await login();
  await form("/oauth/revoke", { token: last.refresh_token });
  for (const fields of [{ token: CANARY }, { tok: last.token }, { token: last.token }])
    await form("/oauth/revoke", fields);
  await post("/oauth/revoke", { token: last.token });
  for (const secret of [CANARY, WRONG_CANARY]) {
    const authorization = `Basic ${Buffer.from(`canary:${secret}`).toString("base64")}`;
    for (const one of [again.token, last.token, next, CANARY]) {
      await form("/oauth/introspect", { token: one }, { authorization });
    }
    const follow = (query: string) => auth.get(`/v1/revocations${query}`, { headers: { authorization } });
    for (const query of [`?nonce=${CANARY}`, `?after=${CANARY}`])
      await see("GET /v1/revocations", follow(query));
  }
  await get("/v1/revocations/stream", CANARY);
  await post("/v1/auth/logout", { refresh_token: next });
  await post("/v1/auth/logout-all", { keep_current: CANARY }, (await login()).token);
  await post("/v1/auth/logout-all", {}, (await login()).token);
}

async function withCookie(see: Ways["see"], auth: TestAuth, credentials: object): Promise<void> {
  const origin = "http://localhost";
  const asked = { ...credentials, refresh: "cookie" };
  const login = (headers: Record<string, string>) =>
    see("POST /v1/auth/login", auth.post("/v1/auth/login", asked, { headers }));
  await login({ origin: "https://evil.example" });
  const cookie = ((await login({ origin })).headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  for (const path of ["refresh", "logout"]) {
    for (const headers of [{ cookie }, { cookie, origin }]) {
      await see(`POST /v1/auth/${path}`, auth.post(`/v1/auth/${path}`, undefined, { headers }));
    }
  }
}

/** PostgreSQL says the whole row that it could not write. */
async function failing(database: TestDatabase, table: string, work: () => Promise<unknown>): Promise<void> {
  await database.query(
    `ALTER TABLE ${table} ADD CONSTRAINT never CHECK (last_used_at < '2000-01-01') NOT VALID`,
  );
  await work();
  await database.query(`ALTER TABLE ${table} DROP CONSTRAINT never`);
}

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
     UNION SELECT private_jwe FROM authgraft.signing_keys
     UNION SELECT encode(refresh_hash, e) FROM authgraft.sessions, unnest('{hex,base64}'::text[]) e WHERE refresh_hash IS NOT NULL
     UNION SELECT rtrim(translate(encode(refresh_hash, 'base64'), '+/', '-_'), '=') FROM authgraft.sessions WHERE refresh_hash IS NOT NULL`,
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
