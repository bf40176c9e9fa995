import { serve } from "@hono/node-server";
import { createAuth } from "authgraft";
import { mount, requireAdmin, requireUser } from "authgraft/hono";
import { Hono } from "hono";

const { DATABASE_URL = "", AUTHGRAFT_SECRET = "", PORT = "3000" } = process.env;
const auth = await createAuth({ database: DATABASE_URL, secret: AUTHGRAFT_SECRET });

const app = new Hono();
mount(app, auth);

app.get("/", (context) => context.json({ message: "Welcome." }));

app.get("/me", requireUser(auth), async (context) => {
  const { display_name, username, email } = await context.get("user").profile();
  return context.json({ message: `Hello, ${display_name ?? username ?? email}.` });
});

app.get("/admin", requireAdmin(auth), (context) => {
  return context.json({ message: `User ${context.get("user").id} is an administrator.` });
});

serve({ fetch: app.fetch, port: Number(PORT) }, () => console.log(`Listening on http://localhost:${PORT}`));
