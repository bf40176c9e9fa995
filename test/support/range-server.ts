import { createHash } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a range server was asked. */
export interface RangeRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** A server of the range API of Pwned Passwords that knows some passwords. */
export interface RangeServer {
  readonly url: string;
  readonly requests: readonly RangeRequest[];
  close(): Promise<void>;
}

/** How a server answers in place of a range. */
export type Misbehaviour = (response: ServerResponse) => void;

/**
 * Starts a server that answers as https://api.pwnedpasswords.com/range does: the rest of each hash and its count, CRLF
 * between them, some of other passwords and, as padding, rows with the count 0. `padded` passwords are among those.
 */
export async function startRangeServer(
  passwords: readonly string[],
  { padded = [], misbehave }: { padded?: readonly string[]; misbehave?: Misbehaviour } = {},
): Promise<RangeServer> {
  const rows = [...passwords.map((one) => [sha1(one), 3]), ...padded.map((one) => [sha1(one), 0])] as const;
  const requests: RangeRequest[] = [];
  const server = createServer(({ url: path = "", headers }, response) => {
    requests.push({ path, headers });
    if (misbehave !== undefined) return misbehave(response);
    const prefix = path.split("/").at(-1) ?? "";
    const own = rows.filter(([digest]) => String(digest).startsWith(prefix));
    const lines = own.map(([digest, count]) => `${String(digest).slice(5)}:${count}`);
    response.writeHead(200, { "content-type": "text/plain" });
    response.end([`${"0".repeat(35)}:17`, ...lines, `${"F".repeat(35)}:0`].join("\r\n"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}/range`, requests, close };
}

/** In capitals, as the range API has it. */
export function sha1(password: string): string {
  return createHash("sha1").update(password).digest("hex").toUpperCase();
}
