/** Serves better-auth on a free port of 127.0.0.1. */
import { createServer } from "node:http";
import { betterAuth } from "better-auth";
import { toNodeHandler } from "better-auth/node";
import { betterAuthOptions } from "./options.mjs";

const { DATABASE_URL: databaseUrl, BETTER_AUTH_SECRET: secret } = process.env;

let handle;
const server = createServer((request, response) => handle(request, response));
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address();
  handle = toNodeHandler(
    betterAuth(betterAuthOptions({ databaseUrl, baseUrl: `http://127.0.0.1:${port}`, secret })),
  );
  console.log(`better-auth serves on ${port}`);
});
process.once("SIGTERM", () => process.exit(0));
