import type { Context } from "hono";
import type { SignedIn } from "../accounts/signed-in.ts";
import { type CookieSettings, refreshCookie, setRefreshCookie } from "./cookies.ts";

/** How a refresh token travels: in bodies of JSON, or in a cookie that scripts cannot read. */
export type RefreshTransport = "body" | "cookie";

/** A refresh token as a request brings it. */
export interface PresentedRefresh {
  readonly token: string;
  readonly by: RefreshTransport;
}

/**
 * The refresh token of a request: the one in its body, else the one in its cookie; null where there is none.
 *
 * @throws SignInError `origin_refused`
 */
export function presentedRefresh(
  context: Context,
  inBody: string | undefined,
  settings: CookieSettings,
): PresentedRefresh | null {
  if (inBody !== undefined) return { token: inBody, by: "body" };
  const token = refreshCookie(context, settings);
  return token === undefined ? null : { token, by: "cookie" };
}

/** The answer to somebody who signed in; with a cookie, the body holds no refresh token. */
export function signedInBody(
  context: Context,
  settings: CookieSettings,
  { refresh_token, ...others }: SignedIn,
  by: RefreshTransport,
): Omit<SignedIn, "refresh_token"> & Partial<SignedIn> {
  if (by === "body") return { ...others, refresh_token };
  setRefreshCookie(context, settings, refresh_token);
  return others;
}
