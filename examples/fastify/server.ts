import { createAuth } from "authgraft";
import { authgraft, requireAdmin, requireUser } from "authgraft/fastify";
import { fastify } from "fastify";

const { DATABASE_URL = "", AUTHGRAFT_SECRET = "", PORT = "3000" } = process.env;
const auth = await createAuth({ database: DATABASE_URL, secret: AUTHGRAFT_SECRET });

const app = fastify();
await app.register(authgraft, { auth });

app.get("/", async () => ({ message: "Welcome." }));

app.get("/me", { preHandler: requireUser(auth) }, async (request) => {
  const { display_name, username, email } = await request.user.profile();
  return { message: `Hello, ${display_name ?? username ?? email}.` };
});

await app.register(async (administration) => {
  administration.addHook("preHandler", requireAdmin(auth));
  administration.get("/admin", async (request) => ({
    message: `User ${request.user.id} is an administrator.`,
  }));
});

await app.listen({ port: Number(PORT) });
console.log(`Listening on http://localhost:${PORT}`);
