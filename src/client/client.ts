import { readApiError } from "./api-error.ts";
import { bodyOf, type Input, type OperationRow, urlOf } from "./build-request.ts";
import { OPERATIONS, type Operations, type SignedIn } from "./operations.ts";
import { type ClientSession, Tokens } from "./tokens.ts";

export type { FieldProblem } from "./api-error.ts";
export { ApiError, type ApiErrorCode } from "./api-error.ts";
export type * from "./operations.ts";
export type { ClientSession } from "./tokens.ts";

/** What `createClient` takes. */
export interface ClientOptions {
  /** Where the server is, such as `https://auth.example.com`. */
  readonly baseUrl: string;
  /** Where the refresh token is kept: in this client's memory, or in a cookie that scripts cannot read. `body` unless given. */
  readonly refresh?: "body" | "cookie";
  /** A refresh token from before, to go on with its session. */
  readonly refreshToken?: string;
  /** Told whenever somebody signed in, tokens were renewed, or nobody is signed in any more (null). */
  readonly onSession?: (session: ClientSession | null) => void;
  /** The key of the server's operator. It belongs into no browser. */
  readonly adminApiKey?: string;
  /** A service of the server's configuration, for what only those may ask. */
  readonly service?: { readonly id: string; readonly secret: string };
  /** The platform's unless given. */
  readonly fetch?: typeof globalThis.fetch;
}

/** What any call takes besides its input. */
export interface CallOptions {
  readonly signal?: AbortSignal;
}

type Method<Input_, Output> =
  Readonly<Record<string, never>> extends Input_
    ? (input?: Input_, options?: CallOptions) => Promise<Output>
    : (input: Input_, options?: CallOptions) => Promise<Output>;

/** Every operation of the server, by its name. */
export type Client = {
  readonly [Name in keyof Operations]: Method<Operations[Name]["input"], Operations[Name]["output"]>;
} & {
  /** The access token of whoever is signed in, for requests to your own services; undefined while nobody is. */
  accessToken(): string | undefined;
};

/** When these have been answered, nobody is signed in any more. */
const ENDING: readonly (keyof Operations)[] = ["logout", "logoutAll", "closeAccount"];

/**
 * A client of an Authgraft server, for browsers and Node.js. It keeps the access token in memory, and renews it once when
 * the server refuses it, however many requests are on their way.
 *
 * @example
 * const client = createClient({ baseUrl: "https://auth.example.com", refresh: "cookie" });
 * await client.login({ email, password });
 * const { user } = await client.getUser();
 *
 * Every call rejects with an `ApiError` where the server refuses, and as `fetch` does where there is no answer.
 */
export function createClient(options: ClientOptions): Client {
  const tokens = new Tokens(
    options.refreshToken,
    (refreshToken) => renew(options, refreshToken),
    options.onSession ?? (() => undefined),
  );
  const names = Object.keys(OPERATIONS) as (keyof Operations)[];
  const methods = names.map((name) => [
    name,
    (input: Input = {}, { signal }: CallOptions = {}) => call({ options, tokens, name, input, signal }),
  ]);
  // The table and the types are written together.
  return { ...Object.fromEntries(methods), accessToken: () => tokens.accessToken } as Client;
}

interface Call {
  readonly options: ClientOptions;
  readonly tokens: Tokens;
  readonly name: keyof Operations;
  readonly input: Input;
  readonly signal: AbortSignal | undefined;
}

async function call({ options, tokens, name, input, signal }: Call): Promise<unknown> {
  const row: OperationRow = OPERATIONS[name];
  const filled = withDefaults(row, input, options, tokens);
  const attempt = (accessToken: string | undefined) =>
    send(options, { row, input: filled, accessToken, signal });
  let used = tokens.accessToken;
  // Where a cookie may still be good, it is tried before anybody is refused for want of a token.
  if (used === undefined && isRenewable(row, options, tokens)) used = (await tokens.renew())?.accessToken;
  let response = await attempt(used);
  if (response.status === 401 && used !== undefined && isRenewable(row, options, tokens)) {
    const next = tokens.accessToken === used ? (await tokens.renew())?.accessToken : tokens.accessToken;
    if (next !== undefined) response = await attempt(next);
  }
  if (!response.ok) throw await readApiError(response);
  const answer = await readAnswer(response);
  if (row.signsIn) keep(tokens, answer);
  if (ENDING.includes(name) && input.keep_current !== true) tokens.set(null);
  return answer;
}

/** Whether a new access token could help: not where the refresh token itself is presented. */
function isRenewable(row: OperationRow, { refresh, adminApiKey }: ClientOptions, tokens: Tokens): boolean {
  if (!row.auth?.includes("bearer") || row.takesRefreshToken) return false;
  if (row.auth.includes("adminKey") && adminApiKey !== undefined) return false;
  return refresh === "cookie" || tokens.refreshToken !== undefined;
}

function withDefaults(row: OperationRow, input: Input, { refresh }: ClientOptions, tokens: Tokens): Input {
  if (row.choosesTransport && refresh === "cookie") return { refresh, ...input };
  if (row.takesRefreshToken && refresh !== "cookie") return { refresh_token: tokens.refreshToken, ...input };
  return input;
}

interface Outgoing {
  readonly row: OperationRow;
  readonly input: Input;
  readonly accessToken: string | undefined;
  readonly signal: AbortSignal | undefined;
}

function send(options: ClientOptions, { row, input, accessToken, signal }: Outgoing): Promise<Response> {
  const { body, contentType } = bodyOf(row, input);
  const headers = {
    ...(contentType === undefined ? {} : { "content-type": contentType }),
    ...credentialsFor(row, options, accessToken),
  };
  const { fetch = globalThis.fetch, baseUrl, refresh } = options;
  return fetch(urlOf(baseUrl, row, input), {
    method: row.method,
    headers,
    // The server never leads elsewhere, and whoever does gets no password of a body and no operator's key.
    redirect: "manual",
    credentials: refresh === "cookie" ? "include" : "omit",
    ...(body === undefined ? {} : { body }),
    ...(signal === undefined ? {} : { signal }),
  });
}

function credentialsFor(
  { auth = [] }: OperationRow,
  { adminApiKey, service }: ClientOptions,
  accessToken: string | undefined,
): Record<string, string> {
  if (auth.includes("adminKey") && adminApiKey !== undefined) return { "x-admin-api-key": adminApiKey };
  if (auth.includes("service") && service !== undefined) return { authorization: basic(service) };
  if (auth.includes("bearer") && accessToken !== undefined) return { authorization: `Bearer ${accessToken}` };
  return {};
}

/** @see https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1 */
function basic({ id, secret }: { readonly id: string; readonly secret: string }): string {
  return `Basic ${btoa(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`)}`;
}

/** A refusal ends the session; where there is no telling, it goes on and the caller hears why. */
async function renew(
  options: ClientOptions,
  refreshToken: string | undefined,
): Promise<ClientSession | null> {
  const row = OPERATIONS.refresh;
  const input = refreshToken === undefined ? {} : { refresh_token: refreshToken };
  const response = await send(options, { row, input, accessToken: undefined, signal: undefined });
  if (response.ok) return sessionIn((await response.json()) as SignedIn);
  const error = await readApiError(response);
  if (error.status === 401 && error.code !== "response_unexpected") return null;
  throw error;
}

/** A registration may be answered without anybody being signed in. */
function keep(tokens: Tokens, answer: unknown): void {
  if (typeof answer === "object" && answer !== null && "token" in answer)
    tokens.set(sessionIn(answer as SignedIn));
}

function sessionIn({ token, refresh_token }: SignedIn): ClientSession {
  return { accessToken: token, refreshToken: refresh_token };
}

async function readAnswer(response: Response): Promise<unknown> {
  const type = response.headers.get("content-type") ?? "";
  if (type.startsWith("text/event-stream")) return response;
  if (response.status === 204 || response.status === 205) return undefined;
  const text = await response.text();
  if (type.includes("json")) return JSON.parse(text);
  return text === "" ? undefined : text;
}
