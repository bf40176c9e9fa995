import { ConfigurationError } from "../errors.ts";

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
  /** Told of what keeps Authgraft from being asked, and null when it answers again; for logs. */
  readonly onTrouble?: (error: Error | null) => void;
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
  readonly onTrouble: (error: Error | null) => void;
}

/** @throws ConfigurationError `configuration_invalid` */
export function settingsOf(options: VerifierOptions): VerifierSettings {
  const { url, issuer, audience, clientId = "authgraft", service, maxStalenessSeconds = 2 } = options;
  const mistakes = Object.entries({ issuer, audience, clientId, id: service.id, secret: service.secret })
    .filter(([, text]) => typeof text !== "string" || text === "")
    .map(([name]) => `"${name}" must be a text`);
  if (!isHttpUrl(url))
    mistakes.push('"url" must be a URL of http or https, without a user, query or fragment');
  if (!(maxStalenessSeconds >= 0.5 && maxStalenessSeconds <= 60))
    mistakes.push('"maxStalenessSeconds" must be from 0.5 to 60');
  if (mistakes.length > 0)
    throw new ConfigurationError("configuration_invalid", `createVerifier: ${mistakes.join("; ")}.`);
  return {
    ...{ issuer, audience, clientId, service, url: url.replace(/\/+$/, "") },
    maxStaleness: maxStalenessSeconds * 1_000,
    // Called as a function of its own: some platforms mind what it is called on.
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    now: options.now ?? Date.now,
    onTrouble: options.onTrouble ?? (() => undefined),
  };
}

function isHttpUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return false;
  return url.username === "" && url.password === "" && url.search === "" && url.hash === "";
}
