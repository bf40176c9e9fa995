/** Whose attempts are counted. */
export interface Attempt {
  /** Names the account, known or not: a user's id, or the name that was given. Only a digest of it is stored. */
  readonly account?: string | undefined;
  /** The client's address, one word for one client; without it nothing is counted by address. */
  readonly address?: string | undefined;
  /** A device that this account has signed in from before: its own budget counts, and no other. */
  readonly device?: string | undefined;
}

/** An attempt that was let through; it counts until something else is said. Nothing said about it ever throws. */
export interface Admission {
  /** It was right: the account's (or device's) count begins anew, and the address has its attempt back. */
  succeeded(): Promise<void>;
  /** It was wrong: it counts. Until that is said, it may yet turn out right. */
  failed(): void;
  /** It came to nothing (overloaded, abandoned, refused for its form): it never happened. */
  giveBack(): Promise<void>;
}

/** How often something may be tried, counted in the database for all servers together. */
export interface Throttle {
  /**
   * A guess at a password, counted before it is looked at, so that a burst gets no more than the limit.
   *
   * @throws ThrottledError; OverloadedError, where an address has no attempt left only while those of others
   *   behind it are being looked at; DatabaseError.
   */
  guess(attempt: Attempt): Promise<Admission>;
  /**
   * A registration, by address; one that succeeds counts as well.
   *
   * @throws ThrottledError; DatabaseError.
   */
  register(attempt: Pick<Attempt, "address">): Promise<Pick<Admission, "giveBack">>;
  /**
   * Something that sends mail to an address somebody named, by that address and by the caller's.
   *
   * @throws ThrottledError; DatabaseError.
   */
  mail(attempt: Pick<Attempt, "account" | "address">): Promise<void>;
  /**
   * A link, key or client secret that is guessed at: failures by address alone.
   *
   * @throws As `guess`.
   */
  guessSecret(attempt: Pick<Attempt, "address">): Promise<Admission>;
}
