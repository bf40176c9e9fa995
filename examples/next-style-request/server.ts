import { type HttpBindings, serve } from "@hono/node-server";
import { createHandler } from "authgraft/request";
import * as administration from "./app/admin/route.ts";
import * as greeting from "./app/me/route.ts";
import * as welcome from "./app/route.ts";
import { auth } from "./auth.ts";

const { PORT = "3000" } = process.env;

const routes = new Map<string, (request: Request) => Response | Promise<Response>>([
  ["/", welcome.GET],
  ["/me", greeting.GET],
  ["/admin", administration.GET],
]);

const handle = createHandler(auth, (request) => {
  const route = routes.get(new URL(request.url).pathname);
  return route?.(request) ?? Response.json({ message: "Not here." }, { status: 404 });
});

// Bun.serve and Deno.serve take such a function, too, and tell the address in their own ways.
const answer = (request: Request, { incoming }: HttpBindings) =>
  handle(request, { address: incoming.socket.remoteAddress });

serve({ fetch: (request, bindings) => answer(request, bindings as HttpBindings), port: Number(PORT) }, () =>
  console.log(`Listening on http://localhost:${PORT}`),
);
