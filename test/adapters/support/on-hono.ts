import { Hono } from "hono";
import { mount, requireAdmin, requireUser } from "../../../src/adapters/hono.ts";
import type { Authenticator } from "../../../src/http/authenticator.ts";
import type { MakeApplication } from "./application.ts";
import { serverOf } from "./fetch-server.ts";

/** On Hono, under Node.js. */
export const onHono: MakeApplication = (auth) => serverOf(honoApplication(auth).fetch);

function honoApplication(auth: Authenticator): Hono {
  const app = new Hono();
  mount(app, auth);
  app.get("/", (context) => context.json({ public: true }));
  app.post("/echo", async (context) => context.json(await context.req.json()));
  app.get("/me", requireUser(auth), (context) => {
    const id: string = context.get("user").id;
    return context.json({ id });
  });
  app.get("/admin", requireAdmin(auth), (context) => context.json({ id: context.var.user.id }));
  app.get("/profile", requireUser(auth), async (context) => {
    const { email } = await context.get("user").profile();
    return context.json({ email });
  });
  app.get("/broken", requireUser(auth), () => {
    throw new Error("out of orders");
  });
  app.get("/v1/orders", (context) => context.json({ orders: [] }));
  app.notFound((context) => context.json({ nothing: "here" }, 404));
  app.onError((error, context) => context.json({ handled: error.message }, 500));
  return app;
}
