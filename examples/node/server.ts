import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createAuth } from "authgraft";
import { createListener, requireAdmin, requireUser } from "authgraft/node";

const { DATABASE_URL = "", AUTHGRAFT_SECRET = "", PORT = "3000" } = process.env;
const auth = await createAuth({ database: DATABASE_URL, secret: AUTHGRAFT_SECRET });

const greet = requireUser(auth)(async (_, response, user) => {
  const { display_name, username, email } = await user.profile();
  answer(response, 200, { message: `Hello, ${display_name ?? username ?? email}.` });
});

const administer = requireAdmin(auth)((_, response, user) => {
  answer(response, 200, { message: `User ${user.id} is an administrator.` });
});

const routes = new Map([
  ["GET /", (_: IncomingMessage, response: ServerResponse) => answer(response, 200, { message: "Welcome." })],
  ["GET /me", greet],
  ["GET /admin", administer],
]);

function fallback(request: IncomingMessage, response: ServerResponse) {
  const route = routes.get(`${request.method} ${request.url}`);
  return route === undefined ? answer(response, 404, { message: "Not here." }) : route(request, response);
}

function answer(response: ServerResponse, status: number, body: object) {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

createServer(createListener(auth, { fallback })).listen(Number(PORT), () => {
  console.log(`Listening on http://localhost:${PORT}`);
});
