import { createServer, type Server } from "node:net";
import { ConfigurationError } from "../errors.ts";

/** Where to listen. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * Lets a server listen.
 *
 * @throws ConfigurationError `address_unavailable`, saying why.
 */
export async function listen<Any extends Server>(server: Any, { host, port }: Address): Promise<Any> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(addressError(error, { host, port })));
    server.listen(port, host, () => resolve(server));
  });
}

/**
 * Finds out that an address is taken before much work is done for nothing.
 *
 * @throws ConfigurationError `address_unavailable`.
 */
export async function assertAvailable(address: Address): Promise<void> {
  const server = await listen(createServer(), address);
  await new Promise((resolve) => server.close(resolve));
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "another process listens there",
  EACCES: "this user may not listen there",
  EADDRNOTAVAIL: "this machine has no such address",
  ENOTFOUND: "there is no such host name",
};

function addressError(error: NodeJS.ErrnoException, { host, port }: Address): ConfigurationError {
  const reason = REASONS[error.code ?? ""] ?? error.code ?? "the system refused";
  return new ConfigurationError("address_unavailable", `Cannot listen on ${host}:${port}: ${reason}.`, {
    fix: "Choose another port with --port (or PORT), or end what listens there.",
    cause: error,
  });
}
