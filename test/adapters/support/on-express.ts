import { createServer } from "node:http";
import express, { type ErrorRequestHandler, type Express } from "express";
import { authgraft, requireAdmin, requireUser } from "../../../src/adapters/express.ts";
import type { Authenticator } from "../../../src/http/authenticator.ts";
import type { MakeApplication } from "./application.ts";

/** On Express, as it is to be put together: Authgraft first. */
export const onExpress: MakeApplication = (auth) => {
  const app = express().use(authgraft(auth), express.json());
  return createServer(addRoutes(app, auth));
};

/** On Express with every body parsed, in ways of its own, before Authgraft sees it. */
export const onExpressBehindParsers: MakeApplication = (auth) => {
  const app = express().use(express.json(), express.urlencoded(), authgraft(auth));
  return createServer(addRoutes(app, auth));
};

function addRoutes(app: Express, auth: Authenticator): Express {
  app.get("/", (_, response) => void response.json({ public: true }));
  app.post("/echo", (request, response) => void response.json(request.body));
  app.get(
    "/me",
    requireUser(auth, (request, response) => {
      const id: string = request.user.id;
      response.json({ id });
    }),
  );
  app.get("/admin", requireAdmin(auth), (request, response) => {
    const id: string | undefined = request.user?.id;
    response.json({ id });
  });
  app.get(
    "/profile",
    requireUser(auth, async (request, response) => {
      const { email } = await request.user.profile();
      response.json({ email });
    }),
  );
  app.get("/broken", requireUser(auth), () => {
    throw new Error("out of orders");
  });
  app.get("/v1/orders", (_, response) => void response.json({ orders: [] }));
  app.use((_, response) => void response.status(404).json({ nothing: "here" }));
  const handleError: ErrorRequestHandler = (error: Error, _, response, __) => {
    response.status(500).json({ handled: error.message });
  };
  return app.use(handleError);
}
