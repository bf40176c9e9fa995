/** Who a request comes from, as far as that is known. */
export interface Caller {
  /** The address of the client, in a form in which one client has one. */
  readonly address?: string | undefined;
  /** What the client says it is. */
  readonly userAgent?: string | undefined;
  /** What the client's `Accept-Language` says. */
  readonly language?: string | undefined;
  /** What the client's device cookie says. */
  readonly device?: string | undefined;
  /** Aborted when the client has gone. */
  readonly signal?: AbortSignal | undefined;
}

/** What PostgreSQL's `varchar(255)` and `varchar(64)` hold, in characters. */
const USER_AGENT_LENGTH = 255;
const ADDRESS_LENGTH = 64;

/** A caller as it is stored. */
export function describeCaller({ userAgent, address }: Caller): {
  readonly userAgent: string | null;
  readonly address: string | null;
} {
  return { userAgent: cut(userAgent, USER_AGENT_LENGTH), address: cut(address, ADDRESS_LENGTH) };
}

/** PostgreSQL has no NUL in a text, and a lone surrogate no UTF-8. */
function cut(text: string | undefined, length: number): string | null {
  if (text === undefined || text === "") return null;
  return [...text.replaceAll("\0", "").toWellFormed()].slice(0, length).join("");
}
