import {
  type ApiDocument,
  type ApiOperation,
  type Schema,
  schemaOf,
} from "../../src/http/openapi/document.ts";
import type { Answer, TestAuth } from "./auth.ts";
import { CALLERS, type CallerKind, type Callers, openCallers } from "./callers.ts";
import type { Contract } from "./contract.ts";
import type { Walk } from "./leaks.ts";
import type { TestDatabase } from "./postgres.ts";

/** An operation of the description, and where it is. */
export interface Route {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly operation: ApiOperation;
}

/** A password that no text has by chance. */
const CANARY = "canary-Secret-4b8e";

/** A graft that lost one of these has nothing to answer with. */
const TABLES = ["authgraft.sessions", "authgraft.accounts", "users"];

/** Every operation of a description. */
export function routesOf(document: ApiDocument): Route[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([key, operation]) => {
      const method = key.toUpperCase();
      return { name: `${method} ${path}`, method, path, operation };
    }),
  );
}

/** Whoever may migrate, does: afterwards there is no graft to ask about. */
export function changesSchema({ path, method }: Route, caller: CallerKind): boolean {
  const isMigration = method === "POST" && path.startsWith("/admin/migrations/");
  return isMigration && (caller === "operator" || caller === "administrator");
}

/** The schema of the body that an operation takes as JSON. */
export function bodySchema(document: ApiDocument, { operation }: Route): Schema | undefined {
  const schema = operation.requestBody?.content["application/json"]?.schema;
  return schema === undefined ? undefined : schemaOf(document, schema);
}

/** A path with every parameter filled in. */
export function pathOf({ path }: Route, value = "b6472f57-0f42-4c6d-9795-2768577b9f1c"): string {
  return path.replaceAll(/\{\w+\}/g, encodeURIComponent(value));
}

interface Ways {
  readonly callers: Callers;
  readonly document: ApiDocument;
  readonly routes: readonly Route[];
  readonly see: (route: Route, path: string, init: RequestInit) => Promise<Answer>;
}

/**
 * Goes to every route of sample B in everybody's name, with what it takes and with much that it does not, and while parts of
 * the graft are missing. What does not fit the description goes to `fail`.
 */
export async function walkEveryRoute(
  auth: TestAuth,
  database: TestDatabase,
  contract: Contract,
  fail: (complaint: string) => void,
  isWanted: (route: Route) => boolean = () => true,
): Promise<Walk> {
  const { document } = contract;
  const answers: Walk["answers"][number][] = [];
  const tokens: string[] = [];
  const callers = openCallers(auth, database, CANARY);
  const see = async (route: Route, path: string, init: RequestInit) => {
    const answer = await auth.send(path, init);
    const headers = [...answer.headers].map(([name, value]) => `${name}: ${value}`);
    answers.push({ where: route.name, status: answer.status, text: [...headers, answer.text].join("\n") });
    tokens.push(...tokensIn(answer));
    for (const complaint of contract.check(init.method ?? "GET", path, answer))
      fail(`${init.method} ${path} ${answer.status}: ${complaint}`);
    return answer;
  };
  const routes = routesOf(document).filter(isWanted);
  const ways: Ways = { callers, document, routes, see };
  for (const route of routes) {
    for (const caller of CALLERS) if (!changesSchema(route, caller)) await walkRoute(ways, route, caller);
    await walkOddities(ways, route);
  }
  for (const table of TABLES) await withoutTable(database, table, () => walkBroken(ways));
  return { answers, logs: auth.logs, tokens, secrets: [...(await storedSecrets(database)), CANARY] };
}

async function walkRoute(ways: Ways, route: Route, caller: CallerKind): Promise<void> {
  const { callers, document, see } = ways;
  const bodies = bodiesOf(document, route);
  // What is wrong with a body is seen before, or not at all, for most of them.
  for (const body of caller === "user" ? bodies : bodies.slice(0, 2)) {
    const headers = await callers.headers(caller);
    const { status } = await see(route, `${pathOf(route)}${queryOf(route)}`, {
      // A stream would go on for as long as somebody listens.
      method: route.path.endsWith("/stream") && caller === "service" ? "HEAD" : route.method,
      headers: { ...headers, ...typeOf(route), origin: "http://localhost" },
      ...(body === undefined ? {} : { body }),
    });
    // Whoever was signed in has been signed out, perhaps.
    if (status < 300 && route.method !== "GET") callers.renew(caller);
  }
}

/** The body of the example, and others with one thing wrong. */
function bodiesOf(document: ApiDocument, route: Route): (string | undefined)[] {
  const { requestBody } = route.operation;
  if (requestBody === undefined) return [undefined];
  const schema = bodySchema(document, route);
  if (schema === undefined) return ["token=x", `token=${CANARY}`, `tok=${CANARY}`, "token=a&token=b", ""];
  const good = withCanary(requestBody.content["application/json"]?.example) as Record<string, unknown>;
  const names = Object.keys(schema.properties ?? {});
  const wrong = [
    ...names.map((name) => ({ ...good, [name]: [CANARY] })),
    ...names.map((name) => ({ ...good, [name]: undefined })),
    { ...good, unexpected: CANARY },
    [CANARY],
    CANARY,
  ];
  // Another person than the example's, who is registered by then.
  const other = { email: "grace@example.com", username: "grace-1906" };
  const known = Object.fromEntries(Object.entries(other).filter(([name]) => name in good));
  const byCookie = names.includes("refresh") ? [{ ...good, ...known, refresh: "cookie" }] : [];
  return [
    ...[good, ...byCookie].map((body) => JSON.stringify(body)),
    ...wrong.map((body) => JSON.stringify(body)),
    `{"${names[0]}": "${CANARY}`,
    "",
  ];
}

/** What is secret by its name is recognised wherever it comes out. */
function withCanary(example: unknown): unknown {
  const isSecret = (name: string) => /password|token|secret/.test(name);
  return Object.fromEntries(
    Object.entries(example ?? {}).map(([name, value]) => [name, isSecret(name) ? CANARY : value]),
  );
}

async function walkOddities({ callers, see, document }: Ways, route: Route): Promise<void> {
  const path = pathOf(route);
  const headers = { ...(await callers.headers("user")), ...typeOf(route) };
  const hasBody = bodySchema(document, route) !== undefined;
  const send = (target: string, init: RequestInit) =>
    see(route, target, { method: route.method, headers, ...init });
  await send(`${path}?password=${CANARY}&token=${CANARY}`, hasBody ? { body: "{}" } : {});
  await send(pathOf(route, CANARY), hasBody ? { body: "{}" } : {});
  await send(path, { headers: { authorization: `Bearer ${CANARY}`, cookie: `authgraft_refresh=${CANARY}` } });
  await send(path, { headers: { authorization: `Basic ${btoa(`shop:${CANARY}`)}` } });
  await send(path, { headers: { "x-admin-api-key": CANARY } });
  await send(path, { method: "BREW" });
  if (route.method === "GET") await send(path, { method: "HEAD" });
  if (!hasBody) return;
  await send(path, { body: "{}", headers: { "content-type": "text/plain" } });
  await send(path, { body: `"${CANARY}"`.padEnd(17_000) });
}

/** While something is missing, nobody is let in, and nobody is told what is wrong. */
async function walkBroken({ callers, document, routes, see }: Ways): Promise<void> {
  for (const route of routes) {
    if (changesSchema(route, "administrator")) continue;
    const schema = bodySchema(document, route);
    const example = route.operation.requestBody?.content["application/json"]?.example;
    await see(route, `${pathOf(route)}${queryOf(route)}`, {
      method: route.method,
      headers: { ...(await callers.headers("administrator").catch(() => ({}))), ...typeOf(route) },
      ...(schema === undefined ? {} : { body: JSON.stringify(withCanary(example)) }),
    });
  }
}

function typeOf({ operation }: Route): Record<string, string> {
  const [type] = Object.keys(operation.requestBody?.content ?? {});
  return type === undefined ? {} : { "content-type": type };
}

function queryOf({ operation: { parameters = [] } }: Route): string {
  const needed = parameters.filter((parameter) => parameter.in === "query" && parameter.required);
  return needed.length === 0 ? "" : `?${needed.map(({ name }) => `${name}=1`).join("&")}`;
}

function tokensIn({ body, headers }: Answer): string[] {
  const inCookies = [...(headers.get("set-cookie") ?? "").matchAll(/authgraft_refresh=(agr_[^;]+)/g)];
  const given: unknown[] = [body?.token, body?.refresh_token, ...inCookies.map(([, token]) => token)];
  return given.filter((token): token is string => typeof token === "string");
}

async function withoutTable(database: TestDatabase, table: string, work: () => Promise<void>): Promise<void> {
  const bare = table.split(".").at(-1);
  await database.query(`ALTER TABLE ${table} RENAME TO ${bare}_gone`);
  await work();
  await database.query(`ALTER TABLE ${table}_gone RENAME TO ${bare}`);
}

/** What is stored of passwords, keys and tokens, however it may be written. */
async function storedSecrets(database: TestDatabase): Promise<string[]> {
  const { rows } = await database.query<{ secret: string }>(
    `SELECT password_hash AS secret FROM users WHERE password_hash IS NOT NULL
     UNION SELECT private_jwe FROM authgraft.signing_keys
     UNION SELECT encode(refresh_hash, e) FROM authgraft.sessions, unnest('{hex,base64}'::text[]) e WHERE refresh_hash IS NOT NULL`,
  );
  return rows.map(({ secret }) => secret);
}
