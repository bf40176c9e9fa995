import { createServer, type Server } from "node:http";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import type { Logger } from "../accounts/logger.ts";
import { type Auth, createAuth } from "../auth.ts";
import type { Configuration } from "../config/schema.ts";
import { answerUnreadable } from "../http/unreadable-request.ts";
import { createLogger } from "./create-logger.ts";
import { listen } from "./listen.ts";
import type { OperatorSettings } from "./operator-secrets.ts";

/** What the server is started with. Host and port are the configuration's. */
export interface ServeOptions extends OperatorSettings {
  readonly databaseUrl: string;
  /** The secret, or the current one and those before it. */
  readonly secret: string | readonly string[];
  readonly configuration: Configuration;
  /** The URL of the mail server, in place of the configuration's. */
  readonly smtpUrl?: string | undefined;
  /** JSON lines on standard error unless given. */
  readonly logger?: Logger;
}

/** A server that listens. */
export interface RunningServer {
  /** Where it answers, for a person: `http://localhost:8080`. */
  readonly url: string;
  readonly port: number;
  /** Takes no more requests, lets those that are on their way finish, then ends the database connections. */
  close(): Promise<void>;
}

/** Milliseconds that requests on their way have to finish. */
const GRACE = 10_000;

/** Milliseconds between two looks for connections that have become idle. */
const SWEEP = 50;

/**
 * Starts the server: several may run in one process, each on a database and port of its own. It installs no
 * signal handlers; whoever starts it closes it.
 *
 * @throws ConfigurationError `secret_weak`, `secret_mismatch`, `address_unavailable`, `configuration_invalid`.
 * @throws MigrationError `not_grafted`.
 * @throws DatabaseError
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const { databaseUrl, smtpUrl, logger = createLogger(), ...others } = options;
  const auth = await createAuth({
    ...{ ...others, database: databaseUrl, logger },
    ...(smtpUrl === undefined ? {} : { smtpUrl }),
  });
  return serveApplication(auth, options.configuration, logger);
}

/** What listens: it answers requests, and is closed when nothing listens any more. */
type Application = Pick<Auth, "fetch" | "endStreams" | "close">;

/**
 * Listens, and hands what comes to an application, which is closed with the server or where there can be none.
 *
 * @throws ConfigurationError `address_unavailable`.
 */
export async function serveApplication(
  auth: Application,
  configuration: Configuration,
  logger: Logger,
): Promise<RunningServer> {
  try {
    const server = await listen(createNodeServer(auth, logger), configuration);
    const port = portOf(server);
    let closing: Promise<void> | undefined;
    const close = () => {
      closing ??= closeAll(server, auth);
      return closing;
    };
    return { url: urlOf(configuration.host, port), port, close };
  } catch (error) {
    await auth.close();
    throw error;
  }
}

/** HTTP/1.0 has no Host header, and health checks speak it: any name does, for no answer depends on it. */
function createNodeServer(auth: Application, logger: Logger): Server {
  const answer = (request: Request, { incoming }: HttpBindings) =>
    auth.fetch(request, { address: incoming.socket.remoteAddress });
  const listener = getRequestListener((request, env) => answer(request, env as HttpBindings), {
    hostname: "localhost",
    errorHandler: answerUnreadable(logger),
  });
  return createServer(listener);
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** An address that means "every address of this machine" is reached as localhost. */
function urlOf(host: string, port: number): string {
  if (["127.0.0.1", "0.0.0.0", "::", "::1"].includes(host)) return `http://localhost:${port}`;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

async function closeAll(server: Server, auth: Application): Promise<void> {
  auth.endStreams();
  const deadline = setTimeout(() => server.closeAllConnections(), GRACE);
  // A connection kept alive becomes idle when its request is answered, and would be waited for then.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP);
  await new Promise((resolve) => server.close(resolve));
  clearInterval(sweep);
  clearTimeout(deadline);
  await auth.close();
}
