import { Agent, type OutgoingHttpHeaders, request } from "node:http";

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** One client: a network address of its own, and connections that it keeps. */
export interface Client {
  send(
    method: "GET" | "POST" | "PATCH" | "DELETE",
    path: string,
    headers: OutgoingHttpHeaders,
    body?: string,
  ): Promise<Answer>;
}

/** A loopback address for each number; Linux has them all without further ado. */
export function addressOf(network: number, client: number): string {
  return `127.${network}.${client >> 8}.${(client & 255) + 1}`;
}

/** Makes a client. Node.js' own is the lightest there is: the load shares the machine with what it measures. */
export function createClient(origin: string, localAddress: string): Client {
  const agent = new Agent({ keepAlive: true });
  const { hostname, port } = new URL(origin);
  return {
    send: (method, path, headers, body) =>
      new Promise((resolve, reject) => {
        const outgoing = request(
          { agent, localAddress, hostname, port, method, path, headers },
          (incoming) => {
            const chunks: Buffer[] = [];
            incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
            incoming.on("error", reject);
            incoming.on("end", () => {
              const { statusCode: status = 0, headers: received } = incoming;
              resolve({ status, headers: received, body: Buffer.concat(chunks).toString("utf8") });
            });
          },
        );
        outgoing.on("error", reject);
        outgoing.end(body);
      }),
  };
}
