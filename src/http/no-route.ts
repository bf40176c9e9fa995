import type { Context, NotFoundHandler } from "hono";
import type { App } from "./parts.ts";
import { problemResponse } from "./problem.ts";
import { fits, routesOf } from "./route-table.ts";

/** Answers what no route takes: 405 with the methods there are (RFC 9110, 15.5.6), or 404. */
export function noRoute(app: App): NotFoundHandler {
  return (context) => {
    const methods = methodsAt(app, context);
    if (methods.length === 0) return problemResponse({ status: 404, code: "not_found" });
    return problemResponse({
      status: 405,
      code: "method_not_allowed",
      headers: { allow: methods.join(", ") },
    });
  };
}

function methodsAt(app: App, context: Context): string[] {
  const found = routesOf(app).filter((route) => fits(route, context.req.path));
  const methods = new Set(found.map(({ method }) => method));
  return [...methods, ...(methods.has("GET") ? ["HEAD"] : [])].sort();
}
