import type { Authenticator } from "../http/authenticator.ts";
import { fits } from "../http/route-table.ts";

/** Whether a request is for one of Authgraft's own routes; `target` may have a query. */
export function isOwnRoute({ routes }: Authenticator, method: string, target: string): boolean {
  const [path = ""] = target.split("?", 1);
  const wanted = method === "HEAD" ? "GET" : method;
  return routes.some((route) => route.method === wanted && fits(route, path));
}
