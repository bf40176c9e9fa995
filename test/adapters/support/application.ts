import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished, TestRunner } from "vitest";
import type { Authenticator } from "../../../src/http/authenticator.ts";

/**
 * An application on an adapter, with these routes of its own:
 *
 * - `GET /`: for everybody
 * - `POST /echo`: answers the JSON it is sent
 * - `GET /me`: `{id}` of users who are signed in
 * - `GET /admin`: `{id}` of administrators
 * - `GET /profile`: `{email}` of users who are signed in, read by the handler
 * - `GET /broken`: throws an Error behind `requireUser`
 * - `GET /v1/orders`: for everybody, below a path that Authgraft has routes under as well
 *
 * Its own handling of errors answers 500 with `{"handled": message}`, its own 404 `{"nothing": "here"}`.
 */
export type MakeApplication = (auth: Authenticator) => Server | Promise<Server>;

/** An application that listens. */
export interface Application {
  readonly origin: string;
  close(): Promise<void>;
}

/** Lets an application listen on a free port; it ends with the test. */
export async function start(make: MakeApplication, auth: Authenticator): Promise<Application> {
  const server = await make(auth);
  if (!server.listening) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  }
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  if (TestRunner.getCurrentTest() !== undefined) onTestFinished(close);
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

/** A server of node:http around what may reject, which the application handles. */
export function withErrorHandling(
  listener: (...args: Parameters<RequestListener>) => Promise<unknown>,
): Server {
  return createServer((request, response) => {
    listener(request, response).catch((error: Error) => {
      response
        .writeHead(500, { "content-type": "application/json" })
        .end(JSON.stringify({ handled: error.message }));
    });
  });
}
