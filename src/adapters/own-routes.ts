import type { Authenticator } from "../http/authenticator.ts";
import { fits } from "../http/route-table.ts";

/** Whether a request is for one of Authgraft's own routes; its target may have a query. */
export type IsOwnRoute = (method: string, target: string) => boolean;

/** Makes ready to tell Authgraft's own routes from the application's, which is asked about every request. */
export function ownRoutes({ routes }: Authenticator): IsOwnRoute {
  const patterns = routes.filter(({ path }) => path.includes("/:"));
  const fixed = new Set(routes.map(({ method, path }) => `${method} ${path}`));
  return (method, target) => {
    const [path = ""] = target.split("?", 1);
    const wanted = method === "HEAD" ? "GET" : method;
    if (fixed.has(`${wanted} ${path}`)) return true;
    return patterns.some((route) => route.method === wanted && fits(route, path));
  };
}
