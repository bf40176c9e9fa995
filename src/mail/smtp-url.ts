import { isIP } from "node:net";
import { parseConnectionUrl } from "nodemailer/lib/shared";
import type { SMTPTransportOptions } from "nodemailer/lib/smtp-transport";
import { ConfigurationError } from "../errors.ts";

/** Milliseconds. A server that answers at all answers within these. */
const TIMEOUTS = {
  dnsTimeout: 10_000,
  connectionTimeout: 10_000,
  greetingTimeout: 10_000,
  socketTimeout: 30_000,
  socketCloseTimeout: 1_000,
};

/** What the URL's query may not turn on: protocols of what was said hold credentials and links. */
const SILENT = { logger: false, debug: false, transactionLog: false, pool: false } as const;

/**
 * How to reach the mail server that a URL names. Between machines mail goes over TLS: `smtps:` from the start,
 * `smtp:` by STARTTLS, without which nothing is sent. Its query may say otherwise, in the words of nodemailer.
 *
 * @throws ConfigurationError `configuration_invalid`; no message holds any part of the URL.
 * @see https://nodemailer.com/smtp/
 */
export function readSmtpUrl(url: string): SMTPTransportOptions {
  if (!isUsable(url)) throw invalid();
  const options = parseConnectionUrl(url) as SMTPTransportOptions;
  return { ...TIMEOUTS, ...tlsOf(options), ...options, ...SILENT };
}

function tlsOf(options: SMTPTransportOptions): SMTPTransportOptions {
  if (isThisMachine(options.host ?? "")) {
    // Nothing leaves it, and the mail servers of distributions have certificates that nobody could check.
    return { ignoreTLS: options.requireTLS !== true, allowInternalNetworkInterfaces: true };
  }
  const saysOtherwise = options.secure || options.ignoreTLS || options.opportunisticTLS;
  return { requireTLS: saysOtherwise !== true };
}

function isThisMachine(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, "").toLowerCase();
  if (isIP(name) === 4) return name.startsWith("127.");
  return name === "::1" || name === "localhost" || name.endsWith(".localhost");
}

/** A password with a bare /, ? or # in it ends up in the path, and its rest would be taken for something else. */
function isUsable(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, username, password, pathname, hash } = new URL(url);
  if (!/^smtps?:$/.test(protocol) || hostname === "" || `${pathname}${hash}`.includes("@")) return false;
  return isDecodable(username) && isDecodable(password);
}

function isDecodable(text: string): boolean {
  try {
    return decodeURIComponent(text) !== null;
  } catch {
    return false;
  }
}

function invalid(): ConfigurationError {
  return new ConfigurationError("configuration_invalid", "The URL of the mail server is not an SMTP URL.", {
    fix: "Give it as smtps://user:password@mail.example.com:465 or smtp://user:password@mail.example.com:587; in user and password write @ as %40, / as %2F, ? as %3F, # as %23, : as %3A, % as %25.",
  });
}
