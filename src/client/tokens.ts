/** What a client holds while somebody is signed in, in memory only. */
export interface ClientSession {
  readonly accessToken: string;
  /** Undefined where it is in a cookie, out of the reach of scripts. */
  readonly refreshToken: string | undefined;
}

/** Renews a session: hands back the next, or null where it is over. */
export type Renew = (refreshToken: string | undefined) => Promise<ClientSession | null>;

/** Keeps the tokens of one client. */
export class Tokens {
  #session: ClientSession | null = null;
  #refreshToken: string | undefined;
  #renewing: Promise<ClientSession | null> | undefined;
  readonly #renew: Renew;
  readonly #tell: (session: ClientSession | null) => void;

  constructor(refreshToken: string | undefined, renew: Renew, tell: (session: ClientSession | null) => void) {
    this.#refreshToken = refreshToken;
    this.#renew = renew;
    this.#tell = tell;
  }

  get accessToken(): string | undefined {
    return this.#session?.accessToken;
  }

  get refreshToken(): string | undefined {
    return this.#refreshToken;
  }

  /** Puts a session in the place of the one before; null where nobody is signed in any more. */
  set(session: ClientSession | null): void {
    this.#session = session;
    this.#refreshToken = session?.refreshToken;
    this.#tell(session);
  }

  /** Renews the session, once for all who ask at the same time. What came of it is kept. */
  renew(): Promise<ClientSession | null> {
    this.#renewing ??= this.#renewOnce().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #renewOnce(): Promise<ClientSession | null> {
    const before = this.#session;
    const renewed = await this.#renew(this.#refreshToken);
    // Whoever signed in or out meanwhile has the last word.
    if (this.#session === before) this.set(renewed);
    return this.#session;
  }
}
