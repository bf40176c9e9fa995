import type { Configuration } from "../config/schema.ts";
import { FieldsError } from "./fields/field-error.ts";

/** The pages that links lead to. */
export type LinkPage = keyof Configuration["links"];

/** Where the pages stand on this server, unless the configuration names others. */
const PATHS: Readonly<Record<LinkPage, string>> = {
  verifyEmail: "account/verify-email",
  resetPassword: "account/reset-password",
  changeEmail: "account/change-email",
  claim: "account/claim",
  register: "account/register",
};

/**
 * The link to a page with a one-time token. It is made of the configuration alone: what a request says its host is
 * has no part in it. The token is in the fragment, which browsers send to no server and in no Referer.
 */
export function linkTo(
  { publicUrl, links }: Pick<Configuration, "publicUrl" | "links">,
  page: LinkPage,
  token: string,
  redirect?: string,
): string {
  const base = redirect ?? links[page] ?? new URL(PATHS[page], withSlash(publicUrl)).href;
  return `${base}#token=${token}`;
}

function withSlash(url: string): string {
  return url.endsWith("/") ? url : `${url}/`;
}

/**
 * The page that a request would have a link lead to instead: one of those that the configuration allows, or one
 * below it, with its query.
 *
 * @throws FieldsError `redirect_refused`
 */
export function allowedRedirect(
  { allowedRedirects }: Pick<Configuration, "allowedRedirects">,
  redirect: string | undefined,
): string | undefined {
  if (redirect === undefined) return undefined;
  const wanted = URL.canParse(redirect) ? new URL(redirect) : null;
  if (wanted === null || !allowedRedirects.some((allowed) => isBelow(wanted, new URL(allowed)))) {
    throw new FieldsError({
      field: "redirect_to",
      code: "redirect_refused",
      message: "Links lead to the pages of allowedRedirects in the configuration only.",
    });
  }
  return wanted.href;
}

/** Compared after parsing, as a browser would go there: `..`, `%2e` and user names are no way out. */
function isBelow(wanted: URL, allowed: URL): boolean {
  if (wanted.origin !== allowed.origin || wanted.username !== "" || wanted.password !== "") return false;
  // An empty fragment is none to `hash`, and would leave the token of a link in the second.
  if (wanted.href.includes("#")) return false;
  // What a server makes of an encoded separator is its own affair, and so is what a page does with a query.
  if (/%2f|%5c/i.test(wanted.pathname) || wanted.search !== allowed.search) return false;
  return wanted.pathname === allowed.pathname || wanted.pathname.startsWith(withSlash(allowed.pathname));
}
