import { SignInError } from "../errors.ts";
import type { Queryable } from "../postgres/client.ts";
import { qualify } from "../postgres/identifiers.ts";
import { makeOneTimeToken, readOneTimeToken } from "../tokens/one-time-token.ts";
import type { AccountsContext } from "./context.ts";

/** What a link is for; it is good for nothing else. */
export type LinkPurpose =
  | "verify_email"
  | "reset_password"
  | "change_email_confirm"
  | "change_email_approve"
  | "claim"
  | "register";

/** A link as it is made. */
export interface NewLink {
  readonly purpose: LinkPurpose;
  /** Null for a registration, whose user is not there yet. */
  readonly userId: string | null;
  /** The address that the link proves, or is about. */
  readonly email: string | null;
  /** Seconds. */
  readonly lifetime: number;
  /** What the links of one change have in common. */
  readonly changeId?: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** A link that somebody came with, and that still stands. */
export interface Link {
  readonly id: string;
  readonly purpose: LinkPurpose;
  readonly user_id: string | null;
  readonly email: string | null;
  readonly change_id: string | null;
  readonly detail: Readonly<Record<string, unknown>> | null;
}

type Parts = Pick<AccountsContext, "table" | "configuration">;

const FIELDS =
  "id::text AS id, purpose, user_id::text AS user_id, email, change_id::text AS change_id, detail";

/** Makes a link; the token is handed out once, and only its hash is kept. */
export async function makeLink(client: Queryable, parts: Parts, link: NewLink): Promise<string> {
  const { token, hash } = makeOneTimeToken();
  await client.query(
    `INSERT INTO ${links(parts)} (purpose, token_hash, user_id, email, change_id, detail, expires_at)
     VALUES ($1, $2::bytea, $3::text::${parts.table.idType}, $4, $5::uuid, $6::jsonb, now() + make_interval(secs => $7::float8))`,
    [
      ...[link.purpose, hash, link.userId, link.email, link.changeId ?? null],
      ...[link.detail === undefined ? null : JSON.stringify(link.detail), link.lifetime],
    ],
  );
  return token;
}

/**
 * Looks at a link without using it up: for what has to be checked, and hashed, before it is used.
 *
 * @throws SignInError `link_invalid`.
 */
export async function readLink(
  client: Queryable,
  parts: Parts,
  purposes: readonly LinkPurpose[],
  token: string,
): Promise<Link> {
  const hash = readOneTimeToken(token);
  if (hash === null) throw linkInvalid();
  const { rows } = await client.query<Link>(
    `SELECT ${FIELDS} FROM ${links(parts)} WHERE token_hash = $1::bytea AND purpose = ANY ($2::text[]) AND expires_at > now()`,
    [hash, purposes],
  );
  return rows[0] ?? fail();
}

/**
 * Uses a link up: of all who come with it at once, one gets it. To be called in the transaction of what the link
 * is for, so that the link is there again where that fails.
 *
 * @throws SignInError `link_invalid`.
 */
export async function useLink(client: Queryable, parts: Parts, { id }: Pick<Link, "id">): Promise<Link> {
  const { rows } = await client.query<Link>(
    `DELETE FROM ${links(parts)} WHERE id = $1::uuid AND expires_at > now() RETURNING ${FIELDS}`,
    [id],
  );
  return rows[0] ?? fail();
}

/** Takes back the links of a user; all of them unless purposes are given. */
export async function dropLinks(
  client: Queryable,
  parts: Parts,
  userId: string,
  purposes: readonly LinkPurpose[] | null = null,
): Promise<void> {
  await client.query(
    `DELETE FROM ${links(parts)} WHERE user_id = $1::text::${parts.table.idType} AND ($2::text[] IS NULL OR purpose = ANY ($2::text[]))`,
    [userId, purposes],
  );
}

function links({ configuration }: Parts): string {
  return qualify(configuration.schema, "one_time_tokens");
}

function fail(): never {
  throw linkInvalid();
}

/** The same whether it never was, was used, has expired, or its user or address is another since. */
export function linkInvalid(): SignInError {
  return new SignInError(
    "link_invalid",
    "This link does not work: it was used, is too old, or is not whole.",
  );
}
