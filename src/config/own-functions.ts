/** What the functions of an application's own, in its configuration, are given and may answer. */

/** A user as hooks are shown one: what answers of the API show, and never a secret. */
export interface HookUser {
  readonly id: string;
  readonly username?: string | null;
  readonly email: string | null;
  readonly display_name?: string | null;
}

/** What every hook is given. */
export interface HookContext {
  /** The client's address, where it is known. */
  readonly address: string | null;
  readonly userAgent: string | null;
  /**
   * Runs a statement in the transaction of what the hook is told of: what it writes is committed with it, or not
   * at all. The transaction is Authgraft's to end.
   */
  query<Row = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<{ readonly rows: Row[]; readonly rowCount: number | null }>;
}

/** What each hook is told, besides the user. */
export interface HookEvents {
  onRegister: { readonly user: HookUser };
  onLogin: { readonly user: HookUser; readonly method: "password" | "bridge" | "claim" | "registration" };
  onClaim: { readonly user: HookUser };
  onPasswordChange: { readonly user: HookUser; readonly reason: "changed" | "reset" | "set" | "claimed" };
  onEmailVerified: { readonly user: HookUser };
  onEmailChange: { readonly user: HookUser; readonly previous: string | null };
  onProfileChange: { readonly user: HookUser };
  onCloseAccount: { readonly user: HookUser };
  /** Deletes the user's row, and whatever of the application's own goes with it. */
  deleteUser: { readonly user: HookUser };
}

/**
 * A hook: awaited before what it is told of is committed. When it throws, nothing has happened: a `Refusal` is
 * answered with 403 and its message, anything else with 503, and logged.
 */
export type Hook<Name extends keyof HookEvents> = (
  event: HookEvents[Name],
  context: HookContext,
) => void | Promise<void>;

/**
 * Who the old application says a request comes from: the user's id, or null for nobody. It looks at what the old
 * application looks at (its session cookie, its header) and at nothing that the request merely claims.
 */
export type Bridge = (
  request: Request,
) => string | number | bigint | null | Promise<string | number | bigint | null>;

/** A mail as it is written. */
export interface WrittenMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** What a mail is about. */
export type MailKind =
  | "verify-email"
  | "reset-password"
  | "no-password"
  | "password-changed"
  | "change-email-confirm"
  | "change-email-approve"
  | "email-changed"
  | "register-confirm"
  | "register-exists"
  | "account-claimed"
  | "account-closed";

/** What a mail may tell. */
export interface MailDetails {
  /** What people know the application as. */
  readonly application: string;
  /** The link that works once, with its token; none in a mail that only tells. */
  readonly link?: string | undefined;
  /** For how long the link works, in seconds. */
  readonly linkSeconds?: number | undefined;
  /** How the person is addressed; never more than the users table has. */
  readonly name?: string | undefined;
  /** The address that an account is being moved to, or was. */
  readonly newEmail?: string | undefined;
}

/** Writes a mail in place of the one that comes with the package; null leaves it as it is. */
export type MailTemplates = (
  kind: MailKind,
  details: MailDetails,
  language: string,
) => WrittenMail | null | Promise<WrittenMail | null>;
