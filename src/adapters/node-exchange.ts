import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import type { Authenticator } from "../http/authenticator.ts";
import { answerUnreadable } from "../http/unreadable-request.ts";

/** Answers a request of node:http. */
export type NodeListener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** The body of a request that was read already; undefined where it is still to be read. */
type ReadBody = (request: IncomingMessage) => RequestBody | undefined;

/** A body as `new Request` takes one. */
export type RequestBody = NonNullable<RequestInit["body"]>;

/** Has Authgraft's own routes answer requests of node:http, with the address that each connection comes from. */
export function ownListener(auth: Authenticator, readBody: ReadBody = () => undefined): NodeListener {
  const answer = (request: Request, { incoming }: HttpBindings) =>
    auth.fetch(rebuilt(request, readBody(incoming)), { address: incoming.socket.remoteAddress });
  return getRequestListener((request, bindings) => answer(request, bindings as HttpBindings), {
    // HTTP/1.0 has no Host header.
    hostname: "localhost",
    // The globals of an application are its own.
    overrideGlobalObjects: false,
    // A target that is no URL is the sender's mistake; the application's log has the request.
    errorHandler: answerUnreadable({ info: ignore, warn: ignore, error: ignore }),
  });
}

function ignore(): void {}

/** What comes out of the listener is no Request of the platform, which what reads a body may ask for. */
function rebuilt(request: Request, read: RequestBody | undefined): Request {
  const { method, url, signal } = request;
  if (method === "GET" || method === "HEAD") return request;
  const headers = new Headers([...request.headers]);
  if (read === undefined) return new Request(url, { method, headers, signal, ...streamed(request) });
  // The body's length and encoding were those of the text that it was read from.
  for (const name of ["content-length", "content-encoding", "transfer-encoding"]) headers.delete(name);
  return new Request(url, { method, headers, signal, body: read });
}

function streamed({ body }: Request): RequestInit {
  return body === null ? {} : { body, duplex: "half" };
}

/** Writes a response of the Fetch API as one of node:http; where another has begun, that is broken off. */
export async function send(from: Response, to: ServerResponse): Promise<void> {
  if (to.headersSent) return void to.destroy();
  const body = await from.text();
  to.writeHead(from.status, Object.fromEntries(from.headers)).end(body);
}
