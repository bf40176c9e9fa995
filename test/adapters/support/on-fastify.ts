import { type FastifyError, type FastifyInstance, fastify } from "fastify";
import { authgraft, requireAdmin, requireUser } from "../../../src/adapters/fastify.ts";
import type { Authenticator } from "../../../src/http/authenticator.ts";
import type { MakeApplication } from "./application.ts";

/** On Fastify. */
export const onFastify: MakeApplication = async (auth) => {
  const app = await fastifyApplication(auth);
  await app.listen({ port: 0, host: "127.0.0.1" });
  return app.server;
};

async function fastifyApplication(auth: Authenticator): Promise<FastifyInstance> {
  const app = fastify();
  app.setErrorHandler((error: FastifyError, _, reply) => {
    return reply.code(error.statusCode ?? 500).send({ handled: error.message });
  });
  await app.register(authgraft, { auth });
  app.get("/", async () => ({ public: true }));
  app.post("/echo", async (request) => request.body);
  app.get("/me", { preHandler: requireUser(auth) }, async (request) => {
    const id: string = request.user.id;
    return { id };
  });
  await app.register(async (administration) => {
    administration.addHook("preHandler", requireAdmin(auth));
    administration.get("/admin", async (request) => ({ id: request.user.id }));
  });
  app.get("/profile", { preHandler: requireUser(auth) }, async (request) => {
    const { email } = await request.user.profile();
    return { email };
  });
  app.get("/broken", { preHandler: requireUser(auth) }, async () => {
    throw new Error("out of orders");
  });
  app.get("/v1/orders", async () => ({ orders: [] }));
  app.setNotFoundHandler((_, reply) => reply.code(404).send({ nothing: "here" }));
  return app;
}
