import { createHash, timingSafeEqual } from "node:crypto";
import type { Context } from "hono";
import type { Configuration } from "../config/schema.ts";
import { SignInError } from "../errors.ts";

/** Services that may ask about tokens, by id and the SHA-256 of their secret. An id may stand there twice, while its secret changes. */
export type Services = Configuration["services"];

interface Credentials {
  readonly id: string;
  readonly secret: string;
}

/**
 * Lets a configured service through, by HTTP Basic; returns its id.
 *
 * @throws SignInError `invalid_client`, alike for whatever is wrong.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
 */
export function requireService(context: Context, services: Services): string {
  const found = readCredentials(context.req.header("authorization")).find((credentials) =>
    services.some((service) => isOf(service, credentials)),
  );
  if (found === undefined)
    throw new SignInError("invalid_client", "This is for services of the configuration.");
  return found.id;
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
