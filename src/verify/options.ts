import { ConfigurationError } from "../errors.ts";
import type { OnTrouble } from "./trouble.ts";

/** What `createVerifier` takes. */
export interface VerifierOptions {
  /** Where Authgraft answers, such as `https://auth.example.com`; with a path where it is mounted under one. */
  readonly url: string;
  /** `tokens.issuer` there. */
  readonly issuer: string;
  /** `tokens.audience` there. */
  readonly audience: string;
  /** `tokens.clientId` there; `authgraft` unless given. */
  readonly clientId?: string;
  /** This service, as one of `services` there describes it. */
  readonly service: { readonly id: string; readonly secret: string };
  /** Seconds after which what is known does not count any more: from 0.5 to 60, 2 unless given. */
  readonly maxStalenessSeconds?: number;
  /** What requests are made with; the platform's own unless given. */
  readonly fetch?: typeof fetch;
  /** The clock, in milliseconds since 1970. */
  readonly now?: () => number;
  /**
   * Told of each kind of trouble once, and null when all is well again; for logs. `message` says what is wrong and `fix`
   * what to do. What it throws is passed over.
   */
  readonly onTrouble?: OnTrouble;
}

/** The same, complete. */
export interface VerifierSettings {
  /** Without a slash at its end. */
  readonly url: string;
  readonly issuer: string;
  readonly audience: string;
  readonly clientId: string;
  readonly service: { readonly id: string; readonly secret: string };
  /** Milliseconds. */
  readonly maxStaleness: number;
  readonly fetch: typeof fetch;
  readonly now: () => number;
  readonly onTrouble: OnTrouble;
}

/** @throws ConfigurationError `configuration_invalid` */
export function settingsOf(options: VerifierOptions): VerifierSettings {
  const mistakes = isObject(options) ? mistakesOf(options) : ["it takes an object of options"];
  if (mistakes.length > 0)
    throw new ConfigurationError("configuration_invalid", `createVerifier: ${mistakes.join("; ")}.`);
  const { url, issuer, audience, clientId = "authgraft", service, maxStalenessSeconds = 2 } = options;
  return {
    ...{ issuer, audience, clientId, service, url: url.replace(/\/+$/, "") },
    maxStaleness: maxStalenessSeconds * 1_000,
    // Called as a function of its own: some platforms mind what it is called on.
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    now: options.now ?? Date.now,
    onTrouble: options.onTrouble ?? (() => undefined),
  };
}

/** In plain JavaScript anything may come, so nothing is taken to be what its type says. */
function mistakesOf(options: { readonly [Name in keyof VerifierOptions]: unknown }): string[] {
  const { url, issuer, audience, clientId = "authgraft", service, maxStalenessSeconds = 2 } = options;
  const { id, secret }: { id?: unknown; secret?: unknown } = isObject(service) ? service : {};
  const mistakes = Object.entries({ issuer, audience, clientId, "service.id": id, "service.secret": secret })
    .filter(([, text]) => !isText(text))
    .map(([name]) => `"${name}" must be a text`);
  if (!isHttpUrl(url))
    mistakes.push('"url" must be a URL of http or https, without a user, query or fragment');
  if (!isBound(maxStalenessSeconds)) mistakes.push('"maxStalenessSeconds" must be a number from 0.5 to 60');
  const { fetch, now, onTrouble } = options;
  for (const [name, value] of Object.entries({ fetch, now, onTrouble }))
    if (value !== undefined && typeof value !== "function") mistakes.push(`"${name}" must be a function`);
  return mistakes;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Half of a surrogate pair cannot be sent. */
function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.isWellFormed();
}

function isBound(seconds: unknown): boolean {
  return typeof seconds === "number" && seconds >= 0.5 && seconds <= 60;
}

function isHttpUrl(text: unknown): boolean {
  const url = typeof text === "string" ? URL.parse(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) return false;
  return url.username === "" && url.password === "" && url.search === "" && url.hash === "";
}
