import { isIPv4, isIPv6 } from "node:net";
import type { Context } from "hono";
import type { Caller } from "../accounts/caller.ts";
import { deviceOf } from "./device-cookie.ts";
import type { Bindings } from "./parts.ts";

/** Who a request comes from: for sharing out what is dear, for the list of sessions, and for knowing when the client has gone. */
export function callerOf(context: Context<{ Bindings: Bindings }>, trustedProxies: number): Caller {
  const forwarded = context.req.header("x-forwarded-for");
  return {
    // A framework may hand in nothing beside the request at all.
    address: clientAddress((context.env as Bindings | undefined)?.address, forwarded, trustedProxies),
    userAgent: context.req.header("user-agent"),
    language: context.req.header("accept-language"),
    device: deviceOf(context),
    signal: context.req.raw.signal,
  };
}

/**
 * The client's address, as one word for one client. Each proxy writes whom it was called by at the end of
 * `X-Forwarded-For`; whatever stands before what one's own proxies wrote is the client's own say.
 */
export function clientAddress(
  connection: string | undefined,
  forwarded: string | undefined,
  trustedProxies: number,
): string | undefined {
  const hops = [...(forwarded ?? "").split(","), connection ?? ""].map((hop) => hop.trim());
  const told = trustedProxies === 0 ? undefined : hops.at(-1 - trustedProxies);
  // Whoever comes around the proxies, or through one that tells no address, shares what the connection's has.
  return network(withoutPort(told ?? "")) ?? network(connection ?? "");
}

/** Some proxies write the client's port as well: `192.0.2.7:50123`, `[2001:db8::7]:50123`. */
function withoutPort(hop: string): string {
  const [, bracketed, dotted] = /^(?:\[([^\]]*)\](?::\d{1,5})?|([\d.]+):\d{1,5})$/.exec(hop) ?? [];
  return bracketed ?? dotted ?? hop;
}

/** An IPv6 client has a network of 2^64 addresses to itself; an IPv4 one may be written as IPv6. */
function network(address: string): string | undefined {
  const mapped = address.replace(/^::ffff:(?=\d+\.)/i, "");
  if (isIPv4(mapped)) return mapped;
  if (!isIPv6(address)) return undefined;
  const [head = "", tail] = address.replace(/%.*$/, "").split("::");
  const [front, back] = [head.split(":").filter(Boolean), (tail ?? "").split(":").filter(Boolean)];
  const gap = tail === undefined ? [] : Array<string>(Math.max(0, 8 - front.length - back.length)).fill("0");
  return [...front, ...gap, ...back]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":");
}
