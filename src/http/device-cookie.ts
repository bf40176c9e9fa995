import type { Context } from "hono";
import type { SignedIn } from "../accounts/signed-in.ts";
import { mintedFor } from "../tokens/access-claims.ts";
import { DEVICE_SECONDS, type DeviceTokens } from "../tokens/device-tokens.ts";
import { type CookieSettings, readCookie, writeCookie } from "./cookies.ts";

const NAME = "authgraft_device";

/** Of every route of the API: wherever a password is given, a device that is known has guesses of its own. */
const PATH = "/v1";

/** What the device of a request has kept; undefined where it has nothing. */
export function deviceOf(context: Context): string | undefined {
  return readCookie(context, NAME);
}

/** Lets the device know the account that has just signed in on it. Every route that signs somebody in does so. */
export function rememberDevice(
  context: Context,
  { cookies, devices }: { readonly cookies: CookieSettings; readonly devices: DeviceTokens },
  { token }: Pick<SignedIn, "token">,
): void {
  const value = devices.remember(deviceOf(context), mintedFor(token));
  writeCookie(context, cookies, { name: NAME, path: PATH, value, maxAge: DEVICE_SECONDS });
}
