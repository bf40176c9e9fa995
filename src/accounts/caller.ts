/** Who a request comes from, as far as that is known. */
export interface Caller {
  /** The address of the client, in a form in which one client has one. */
  readonly address?: string | undefined;
  /** What the client says it is. */
  readonly userAgent?: string | undefined;
  /** Aborted when the client has gone. */
  readonly signal?: AbortSignal | undefined;
}
