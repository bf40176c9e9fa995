import type { IncomingMessage, ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { createListener, type Handler, requireAdmin, requireUser } from "../../../src/adapters/node.ts";
import { type MakeApplication, withErrorHandling } from "./application.ts";

/** On node:http. */
export const onNode: MakeApplication = (auth) => {
  const routes: Record<string, Handler> = {
    "GET /": (_, response) => answer(response, 200, { public: true }),
    "POST /echo": async (request, response) => answer(response, 200, await json(request)),
    "GET /me": requireUser(auth)((_, response, user) => {
      const id: string = user.id;
      return answer(response, 200, { id });
    }),
    "GET /admin": requireAdmin(auth)((_, response, user) => answer(response, 200, { id: user.id })),
    "GET /profile": requireUser(auth)(async (_, response, user) => {
      const { email } = await user.profile();
      answer(response, 200, { email });
    }),
    "GET /broken": requireUser(auth)(() => {
      throw new Error("out of orders");
    }),
    "GET /v1/orders": (_, response) => answer(response, 200, { orders: [] }),
  };
  const fallback = (request: IncomingMessage, response: ServerResponse) => {
    const route = routes[`${request.method} ${request.url}`];
    return route === undefined ? answer(response, 404, { nothing: "here" }) : route(request, response);
  };
  return withErrorHandling(createListener(auth, { fallback }));
};

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
