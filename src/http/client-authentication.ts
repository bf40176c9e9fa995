import { createHash, timingSafeEqual } from "node:crypto";
import type { Context } from "hono";
import { SignInError } from "../errors.ts";
import { callerOf } from "./caller.ts";
import type { Bindings, HttpParts } from "./parts.ts";
import type { Services } from "./services.ts";

interface Credentials {
  readonly id: string;
  readonly secret: string;
}

/**
 * Lets a configured service through, by HTTP Basic; returns its id. Failures are counted by address, and a service
 * that has its secret is not kept out by them: behind the same address may be one that has an old secret still, and
 * 256 random bits are not guessed in any number of attempts.
 *
 * @throws SignInError `invalid_client`, alike for whatever is wrong; ThrottledError; DatabaseError.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
 */
export async function requireService(
  context: Context<{ Bindings: Bindings }>,
  { services, throttle, trustedProxies }: Pick<HttpParts, "services" | "throttle" | "trustedProxies">,
): Promise<string> {
  const found = readCredentials(context.req.header("authorization")).find((credentials) =>
    services.some((service) => isOf(service, credentials)),
  );
  if (found !== undefined) return found.id;
  (await throttle.guessSecret(callerOf(context, trustedProxies))).failed();
  throw new SignInError("invalid_client", "This is for services of the configuration.");
}

function isOf(service: Services[number], { id, secret }: Credentials): boolean {
  const hash = createHash("sha256").update(secret).digest();
  return service.id === id && timingSafeEqual(hash, Buffer.from(service.secretSha256, "hex"));
}

/** RFC 6749 wants both parts form-encoded; many a client sends them as they are. */
function readCredentials(header = ""): Credentials[] {
  const [, encoded] = /^Basic +([\w+/-]+={0,2}) *$/i.exec(header) ?? [];
  const [, id, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded ?? "", "base64").toString("utf8")) ?? [];
  if (id === undefined || secret === undefined) return [];
  return [
    { id: formDecode(id), secret: formDecode(secret) },
    { id, secret },
  ];
}

function formDecode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
