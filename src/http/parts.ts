import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Registry } from "prom-client";
import type { Accounts } from "../accounts/accounts.ts";
import type { Logger } from "../accounts/logger.ts";
import type { Throttle } from "../throttling/throttle.ts";
import type { DeviceTokens } from "../tokens/device-tokens.ts";
import type { PublicJwk } from "../tokens/keys/algorithm.ts";
import type { PublishedFeed } from "../tokens/revocations/published-feed.ts";
import type { CookieSettings } from "./cookies.ts";
import type { Services } from "./services.ts";

/** Figures in Prometheus' text format. */
export interface MetricsSource {
  readonly contentType: string;
  metrics(): Promise<string>;
}

/** A mail, as whoever develops an application may look at it. */
export interface OutboxMail {
  readonly id: string;
  readonly kind: string;
  readonly language: string;
  readonly from: { readonly name: string; readonly address: string };
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly link: string | null;
  /** Milliseconds since 1970. */
  readonly queuedAt: number;
}

/** The last mails, the newest first. */
export interface OutboxSource {
  list(): readonly OutboxMail[];
}

/** What the routes are put together from. */
export interface HttpParts {
  readonly accounts: Accounts;
  readonly logger: Logger;
  /** How many proxies of one's own stand before the server. */
  readonly trustedProxies: number;
  readonly cookies: CookieSettings;
  readonly devices: DeviceTokens;
  readonly throttle: Throttle;
  /** The other services that may ask about tokens. */
  readonly services: Services;
  /** What was revoked, for other services; null where they could not verify a token. */
  readonly feed: PublishedFeed | null;
  /** Where the figures of requests are kept. */
  readonly register: Registry;
  /** Where browsers and mails find the server. */
  readonly publicUrl: string;
  /** What `GET /dev/outbox` shows; null where there is no such route: anywhere but in development. */
  readonly outbox: OutboxSource | null;
  /** What `GET /metrics` shows; null where there is no such route. */
  readonly metrics: MetricsSource | null;
  /** The keys that tokens are verified with, as anybody may have them; null where there are none to show. */
  readonly publicKeys: (() => Promise<readonly PublicJwk[]>) | null;
  /** The clock, in milliseconds. */
  readonly now: () => number;
}

/** What is handed in beside a request. */
export interface Bindings {
  /** The address that the connection came from; undefined where nobody told. */
  readonly address?: string | undefined;
}

/** The application that routes are mounted on. */
export type App = OpenAPIHono<{ Bindings: Bindings }>;
