import { createServer, type Server } from "node:http";
import { getRequestListener, type HttpBindings } from "@hono/node-server";

/** A server around a function from Request to Response. */
export function serverOf(
  fetch: (request: Request, bindings: HttpBindings) => Response | Promise<Response>,
): Server {
  return createServer(getRequestListener((request, bindings) => fetch(request, bindings as HttpBindings)));
}
