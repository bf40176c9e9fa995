import pino, { type DestinationStream } from "pino";
import type { Logger } from "../accounts/logger.ts";

/**
 * Nothing hands a secret to the logger. Should something do so by these names all the same, at the top of a line or one
 * or two levels below, it does not come out.
 */
const SECRET_NAMES = [
  ...["password", "current_password", "password_hash", "secret", "client_secret", "token", "refresh_token"],
  ...["authorization", "cookie", "set-cookie", "x-admin-api-key"],
];

const PATHS = SECRET_NAMES.flatMap((name) => ["", "*", "*.*"].map((above) => pathTo(above, name)));

/** JSON lines on standard error, unless told otherwise: standard output belongs to the command. */
export function createLogger(
  destination: DestinationStream = pino.destination({ fd: 2, sync: false }),
): Logger {
  return pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: PATHS, censor: "[redacted]" },
    },
    destination,
  );
}

function pathTo(above: string, name: string): string {
  const last = /^\w+$/.test(name) ? name : `["${name}"]`;
  if (above === "") return last;
  return last.startsWith("[") ? `${above}${last}` : `${above}.${last}`;
}
