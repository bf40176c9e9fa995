import type { Context } from "hono";
import type { Configuration } from "../config/schema.ts";
import { SignInError } from "../errors.ts";

/** How the refresh token's cookie is made, and whose pages may use it. */
export type CookieSettings = Configuration["cookies"] & {
  /** Seconds for which a browser keeps it; the session it belongs to may end sooner. */
  readonly maxAge: number;
};

const NAME = "authgraft_refresh";

/** Of the routes that refresh and sign out. */
const PATH = "/v1/auth";

const SAME_SITE = { strict: "Strict", lax: "Lax", none: "None" } as const;

/** Hands the refresh token to the browser, out of reach of scripts and sent to the routes that need it only. */
export function setRefreshCookie(context: Context, settings: CookieSettings, token: string): void {
  writeCookie(context, settings, { name: NAME, path: PATH, value: token, maxAge: settings.maxAge });
}

/** Takes the cookie from a browser that has sent it. */
export function clearRefreshCookie(context: Context, settings: CookieSettings): void {
  if (readCookies(context, NAME).length === 0) return;
  writeCookie(context, settings, { name: NAME, path: PATH, value: "", maxAge: 0 });
}

/**
 * The refresh token in a request's cookie, which a browser sends along whoever's page makes the request. Of several
 * cookies of that name none counts: nothing tells the one that we set from one that another sub-domain tossed in.
 *
 * @throws SignInError `origin_refused` where it is not one of our own pages.
 */
export function refreshCookie(context: Context, settings: CookieSettings): string | undefined {
  const tokens = readCookies(context, NAME);
  if (tokens.length > 0) requireOwnOrigin(context, settings);
  return tokens.length === 1 ? tokens[0] : undefined;
}

/**
 * Refuses what a page of somebody else's sends: browsers name the page's origin in every POST, or say at least
 * whether it is ours. What says neither is no browser, and has no use for a cookie.
 *
 * @throws SignInError `origin_refused`
 * @see https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
 */
export function requireOwnOrigin({ req }: Context, { allowedOrigins }: CookieSettings): void {
  const origin = req.header("origin");
  const isOwn =
    origin === undefined
      ? req.header("sec-fetch-site") === "same-origin"
      : allowedOrigins.includes(origin) || isSameHost(origin, req.url);
  if (!isOwn) {
    throw new SignInError(
      "origin_refused",
      "Only pages of this server, and those of cookies.allowedOrigins, may use the cookie.",
    );
  }
}

/**
 * Behind a proxy that ends TLS the request's own scheme is not known, so hosts and ports are compared. A page of
 * the same host over plain HTTP gains nothing by that: the cookie is `Secure`, and to browsers another scheme is
 * another site, to whose requests `SameSite` gives no cookie.
 */
function isSameHost(origin: string, url: string): boolean {
  return /^https?:/.test(origin) && URL.canParse(origin) && new URL(origin).host === new URL(url).host;
}

/** The value of a cookie; undefined where there is none of that name, or several. */
export function readCookie(context: Context, name: string): string | undefined {
  const values = readCookies(context, name);
  return values.length === 1 ? values[0] : undefined;
}

function readCookies({ req }: Context, name: string): readonly string[] {
  const pairs = (req.header("cookie") ?? "").split(";").map((pair) => pair.trim());
  return pairs.filter((pair) => pair.startsWith(`${name}=`)).map((pair) => pair.slice(name.length + 1));
}

interface Cookie {
  readonly name: string;
  readonly path: string;
  readonly value: string;
  /** In seconds. */
  readonly maxAge: number;
}

/**
 * Has the browser keep a cookie, out of reach of scripts.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6265#section-4.1
 */
export function writeCookie(
  context: Context,
  { secure, sameSite, domain }: CookieSettings,
  { name, path, value, maxAge }: Cookie,
): void {
  const parts = [
    `${name}=${value}`,
    `Max-Age=${maxAge}`,
    `Path=${path}`,
    ...(domain === null ? [] : [`Domain=${domain}`]),
    "HttpOnly",
    ...(secure ? ["Secure"] : []),
    `SameSite=${SAME_SITE[sameSite]}`,
  ];
  context.header("set-cookie", parts.join("; "), { append: true });
}
