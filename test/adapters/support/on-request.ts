import { createHandler, withAdmin, withUser } from "../../../src/adapters/request.ts";
import type { MakeApplication } from "./application.ts";
import { serverOf } from "./fetch-server.ts";

/** On functions from Request to Response. */
export const onRequest: MakeApplication = (auth) => {
  const routes: Record<string, (request: Request) => Response | Promise<Response>> = {
    "GET /": () => Response.json({ public: true }),
    "POST /echo": async (request) => Response.json(await request.json()),
    "GET /me": withUser(auth, (_, user) => {
      const id: string = user.id;
      return Response.json({ id });
    }),
    "GET /admin": withAdmin(auth, (_, user) => Response.json({ id: user.id })),
    "GET /profile": withUser(auth, async (_, user) => {
      const { email } = await user.profile();
      return Response.json({ email });
    }),
    "GET /broken": withUser(auth, () => {
      throw new Error("out of orders");
    }),
    "GET /v1/orders": () => Response.json({ orders: [] }),
  };
  const handle = createHandler(auth, (request) => {
    const route = routes[`${request.method} ${new URL(request.url).pathname}`];
    return route?.(request) ?? Response.json({ nothing: "here" }, { status: 404 });
  });
  return serverOf((request, { incoming }) =>
    handle(request, { address: incoming.socket.remoteAddress }).catch((error: Error) =>
      Response.json({ handled: error.message }, { status: 500 }),
    ),
  );
};
