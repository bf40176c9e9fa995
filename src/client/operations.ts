// Written from the schemas of the routes by `npm test -- test/client/operations --update`; a test holds it to them.

export type AuthConfig = {
  readonly registration: {
    readonly mode: "open" | "private" | "off";
    readonly fields: {
      readonly email?: { readonly required: boolean; readonly maximum: number } | undefined;
      readonly username?: { readonly required: boolean; readonly maximum: number } | undefined;
      readonly display_name?: { readonly required: boolean; readonly maximum: number } | undefined;
    };
  };
  readonly login: readonly ("email" | "username")[];
  readonly profile: {
    readonly fields: {
      readonly email?: { readonly required: boolean; readonly maximum: number } | undefined;
      readonly username?: { readonly required: boolean; readonly maximum: number } | undefined;
      readonly display_name?: { readonly required: boolean; readonly maximum: number } | undefined;
    };
  };
  readonly password: { readonly minimum_length: number; readonly maximum_length: number };
  readonly providers: readonly string[];
  readonly mail: boolean;
  readonly bridge: boolean;
};

export type Accepted = { readonly status: "accepted" };

export type Registration = {
  readonly email: string;
  readonly username?: string | undefined;
  readonly display_name?: string | undefined;
  readonly password: string;
  readonly refresh?: "body" | "cookie" | undefined;
};

export type SignedIn = {
  readonly token: string;
  readonly user: User;
  readonly refresh_token?: string | undefined;
};

export type User = {
  readonly id: string;
  readonly username?: string | null | undefined;
  readonly email: string | null;
  readonly display_name?: string | null | undefined;
  readonly auth_provider?: string | null | undefined;
  readonly is_admin: boolean;
  readonly email_verified: boolean;
  readonly created_at?: string | null | undefined;
};

export type RegistrationConfirmation = {
  readonly token: string;
  readonly password: string;
  readonly username?: string | undefined;
  readonly refresh?: "body" | "cookie" | undefined;
};

export type VerifiedEmail = { readonly email: string; readonly status: "verified" };

export type EmailVerification = { readonly token: string };

export type EmailChangeState = {
  readonly status: "pending" | "changed";
  readonly awaiting: readonly ("new" | "old")[];
};

export type EmailChangeConfirmation = { readonly token: string };

export type Credentials = {
  readonly email?: string | undefined;
  readonly username?: string | undefined;
  readonly password: string;
  readonly refresh?: "body" | "cookie" | undefined;
};

export type PresentedRefreshToken = { readonly refresh_token?: string | undefined };

export type LogoutAll = { readonly keep_current?: boolean | undefined };

export type ForgottenPassword = { readonly email: string; readonly redirect_to?: string | undefined };

export type PasswordReset = { readonly token: string; readonly password: string };

export type PasswordChange = {
  readonly current_password: string;
  readonly password: string;
  readonly refresh?: "body" | "cookie" | undefined;
};

export type FirstPassword = { readonly password: string };

export type Claim = {
  readonly token: string;
  readonly password: string;
  readonly email?: string | undefined;
  readonly refresh?: "body" | "cookie" | undefined;
};

export type Claimable = {
  readonly username: string | null;
  readonly email: string | null;
  readonly needs_email: boolean;
};

export type PresentedClaim = { readonly token: string };

export type Bridge = { readonly refresh?: "body" | "cookie" | undefined };

export type ProfileChange = {
  readonly username?: string | undefined;
  readonly display_name?: string | undefined;
};

export type PendingEmailChange = {
  readonly status: "pending";
  readonly awaiting: readonly ("new" | "old")[];
};

export type EmailChange = {
  readonly email: string;
  readonly password?: string | undefined;
  readonly redirect_to?: string | undefined;
};

export type EmailVerificationRequest = { readonly redirect_to?: string | undefined };

export type AccountClosing = { readonly password?: string | undefined };

export type Session = {
  readonly id: string;
  readonly current: boolean;
  readonly created_at: string;
  readonly last_used_at: string;
  readonly expires_at: string;
  readonly user_agent: string | null;
  readonly address: string | null;
};

export type Introspection =
  | { readonly active: false }
  | {
      readonly active: true;
      readonly token_type: "Bearer";
      readonly sub: string;
      readonly client_id: string;
      readonly iss: string;
      readonly aud: string;
      readonly exp: number;
      readonly iat: number;
      readonly jti: string;
      readonly sid: string;
      readonly gen: number;
    };

export type JsonWebKeySet = { readonly keys: readonly Readonly<Record<string, string>>[] };

export type AdminUser = User & {
  readonly has_password: boolean;
  readonly disabled_at: string | null;
  readonly closed_at: string | null;
  readonly last_sign_in_at: string | null;
};

export type SessionOfUser = {
  readonly id: string;
  readonly created_at: string;
  readonly last_used_at: string;
  readonly expires_at: string;
  readonly user_agent: string | null;
  readonly address: string | null;
};

export type ClaimLink = {
  readonly user_id: string;
  readonly username: string | null;
  readonly link: string;
  readonly expires_at: string;
};

export type AuditEvent = {
  readonly id: string;
  readonly occurred_at: string;
  readonly event: string;
  readonly result: string;
  readonly actor: { readonly kind: string; readonly id: string | null };
  readonly user_id: string | null;
  readonly session_id: string | null;
  readonly address: string | null;
  readonly user_agent: string | null;
  readonly detail: { readonly [name: string]: unknown };
};

export type MigrationStatus = {
  readonly state: "pending" | "applied" | "refused";
  readonly table: string;
  readonly steps: readonly { readonly [name: string]: unknown }[];
  readonly history: readonly { readonly [name: string]: unknown }[];
  readonly archive: string | null;
  readonly run: MigrationRun;
};

export type MigrationRun = {
  readonly direction: "up" | "down";
  readonly state: "running" | "done" | "refused" | "failed";
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly progress: string | null;
  readonly steps: readonly { readonly id: string; readonly title: string }[];
  readonly refusals: readonly { readonly [name: string]: unknown }[];
  readonly notes: readonly string[];
  readonly archive: string | null;
  readonly error: { readonly code: string; readonly message: string; readonly fix: string | null };
  readonly [name: string]: unknown;
};

export type MigrationPlan = {
  readonly state: "pending" | "applied" | "refused";
  readonly steps: readonly { readonly [name: string]: unknown }[];
  readonly refusals: readonly { readonly [name: string]: unknown }[];
  readonly warnings: readonly { readonly [name: string]: unknown }[];
};

export type MigrationUp = { readonly restore?: boolean | undefined };

export type MigrationDown = {
  readonly step?: boolean | undefined;
  readonly archive?: boolean | undefined;
  readonly discard_data?: boolean | undefined;
};

export type StatementResult = {
  readonly command: string;
  readonly row_count: number | null;
  readonly columns?: readonly string[] | undefined;
  readonly rows?: readonly (readonly (string | null)[])[] | undefined;
  readonly rows_cut?: boolean | undefined;
  readonly rows_kept_back?: true | undefined;
};

export type Query = { readonly query: string };

export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code:
    | "admin_elsewhere"
    | "already_claimed"
    | "body_invalid"
    | "body_too_large"
    | "bridge_failed"
    | "bridge_refused"
    | "cursor_invalid"
    | "database_unreachable"
    | "email_taken"
    | "email_unchanged"
    | "field_invalid"
    | "field_required"
    | "field_unknown"
    | "forbidden"
    | "hook_failed"
    | "internal"
    | "invalid_client"
    | "invalid_credentials"
    | "invalid_token"
    | "jwks_unavailable"
    | "link_invalid"
    | "lock_timeout"
    | "mail_unavailable"
    | "media_type_unsupported"
    | "method_not_allowed"
    | "migration_failed"
    | "migration_running"
    | "not_claimable"
    | "not_found"
    | "not_grafted"
    | "origin_refused"
    | "overloaded"
    | "password_breached"
    | "password_common"
    | "password_exists"
    | "password_guessable"
    | "password_too_long"
    | "password_too_short"
    | "query_failed"
    | "query_refused"
    | "recent_login_required"
    | "redirect_refused"
    | "refused"
    | "refused_by_application"
    | "registration_closed"
    | "request_abandoned"
    | "request_invalid"
    | "session_not_found"
    | "too_many_requests"
    | "user_unknown"
    | "username_taken";
  readonly detail?: string | undefined;
  readonly errors?:
    | readonly {
        readonly field: string;
        readonly code:
          | "admin_elsewhere"
          | "already_claimed"
          | "cursor_invalid"
          | "email_taken"
          | "email_unchanged"
          | "field_invalid"
          | "field_required"
          | "field_unknown"
          | "link_invalid"
          | "migration_failed"
          | "migration_running"
          | "not_claimable"
          | "password_breached"
          | "password_common"
          | "password_exists"
          | "password_guessable"
          | "password_too_long"
          | "password_too_short"
          | "query_failed"
          | "redirect_refused"
          | "refused"
          | "username_taken";
        readonly message: string;
      }[]
    | undefined;
  readonly error?: string | undefined;
  readonly findings?:
    | readonly {
        readonly code: string;
        readonly object: string;
        readonly message: string;
        readonly fix: string;
      }[]
    | undefined;
  readonly sqlstate?: string | undefined;
  readonly position?: number | null | undefined;
};

/** What each operation takes and answers. */

export interface Operations {
  /** Which fields, ways in and rules there are here, for front ends: `GET /v1/auth/config` */ readonly getConfiguration: {
    readonly input: Readonly<Record<string, never>>;
    readonly output: AuthConfig;
  };
  /** Register with an email and a password: `POST /v1/auth/register` */ readonly register: {
    readonly input: Registration;
    readonly output: SignedIn | Accepted;
  };
  /** Use the link of a registration, with its password; another username, where the first is taken by now: `POST /v1/auth/register/confirm` */ readonly confirmRegistration: {
    readonly input: RegistrationConfirmation;
    readonly output: SignedIn;
  };
  /** Verify an email with the link that was sent to it: `POST /v1/auth/verify-email` */ readonly verifyEmail: {
    readonly input: EmailVerification;
    readonly output: VerifiedEmail;
  };
  /** Agree to a change of email, with the link that was sent to one of its sides: `POST /v1/auth/confirm-email-change` */ readonly confirmEmailChange: {
    readonly input: EmailChangeConfirmation;
    readonly output: EmailChangeState;
  };
  /** Sign in with a password: `POST /v1/auth/login` */ readonly login: {
    readonly input: Credentials;
    readonly output: SignedIn;
  };
  /** Take a refresh token for the next one and an access token: `POST /v1/auth/refresh` */ readonly refresh: {
    readonly input: PresentedRefreshToken;
    readonly output: SignedIn;
  };
  /** Sign out: the session's tokens are refused from now on: `POST /v1/auth/logout` */ readonly logout: {
    readonly input: PresentedRefreshToken;
    readonly output: undefined;
  };
  /** Sign out everywhere, or everywhere else: `POST /v1/auth/logout-all` */ readonly logoutAll: {
    readonly input: LogoutAll;
    readonly output: undefined;
  };
  /** Have a link sent by which a new password can be set: `POST /v1/auth/forgot-password` */ readonly forgotPassword: {
    readonly input: ForgottenPassword;
    readonly output: Accepted;
  };
  /** Set a new password by a link that was sent: `POST /v1/auth/reset-password` */ readonly resetPassword: {
    readonly input: PasswordReset;
    readonly output: undefined;
  };
  /** Change the password: `POST /v1/users/me/password` */ readonly changePassword: {
    readonly input: PasswordChange;
    readonly output: SignedIn;
  };
  /** Set the first password of who has none: `POST /v1/users/me/password/first` */ readonly setFirstPassword: {
    readonly input: FirstPassword;
    readonly output: undefined;
  };
  /** Set a password by an administrator's link, and sign in: `POST /v1/auth/claim` */ readonly claim: {
    readonly input: Claim;
    readonly output: SignedIn;
  };
  /** Look whose account a claim link is for: `POST /v1/auth/claim/check` */ readonly checkClaim: {
    readonly input: PresentedClaim;
    readonly output: Claimable;
  };
  /** Sign in with a session of the old application: `POST /v1/auth/bridge` */ readonly bridge: {
    readonly input: Bridge;
    readonly output: SignedIn;
  };
  /** The user who is signed in: `GET /v1/users/me` */ readonly getUser: {
    readonly input: Readonly<Record<string, never>>;
    readonly output: { readonly user: User };
  };
  /** Change one's profile: `PATCH /v1/users/me` */ readonly updateUser: {
    readonly input: ProfileChange;
    readonly output: { readonly user: User };
  };
  /** Change one's email, once those who read the mail of both agree: `POST /v1/users/me/email` */ readonly changeEmail: {
    readonly input: EmailChange;
    readonly output: PendingEmailChange;
  };
  /** Send the link that verifies one's email, once more: `POST /v1/users/me/email/verification` */ readonly sendEmailVerification: {
    readonly input: EmailVerificationRequest;
    readonly output: Accepted;
  };
  /** Close one's account: `POST /v1/users/me/close` */ readonly closeAccount: {
    readonly input: AccountClosing;
    readonly output: undefined;
  };
  /** Where the user is signed in: `GET /v1/users/me/sessions` */ readonly listSessions: {
    readonly input: Readonly<Record<string, never>>;
    readonly output: { readonly sessions: readonly Session[] };
  };
  /** End one of the user's sessions: `DELETE /v1/users/me/sessions/{id}` */ readonly endSession: {
    readonly input: { readonly id: string };
    readonly output: undefined;
  };
  /** Revoke a token (RFC 7009): `POST /oauth/revoke` */ readonly revokeToken: {
    readonly input: { readonly token: string; readonly token_type_hint?: string | undefined };
    readonly output: undefined;
  };
  /** Whether an access token is valid (RFC 7662): `POST /oauth/introspect` */ readonly introspectToken: {
    readonly input: { readonly token: string; readonly token_type_hint?: string | undefined };
    readonly output: Introspection;
  };
  /** What was revoked since a position, signed for the service that asks: `GET /v1/revocations` */ readonly getRevocations: {
    readonly input: {
      readonly after?: string | undefined;
      readonly cursor?: string | undefined;
      readonly nonce: string;
    };
    readonly output: string;
  };
  /** What is revoked, as it happens; resumed with `Last-Event-ID`: `GET /v1/revocations/stream` */ readonly followRevocations: {
    readonly input: Readonly<Record<string, never>>;
    readonly output: Response;
  };
  /** The public keys that access tokens are verified with: `GET /.well-known/jwks.json` */ readonly getKeys: {
    readonly input: Readonly<Record<string, never>>;
    readonly output: JsonWebKeySet;
  };
  /** List and find users: `GET /admin/users` */ readonly adminListUsers: {
    readonly input: {
      readonly search?: string | undefined;
      readonly email?: string | undefined;
      readonly is_admin?: "true" | "false" | undefined;
      readonly disabled?: "true" | "false" | undefined;
      readonly has_password?: "true" | "false" | undefined;
      readonly cursor?: string | undefined;
      readonly limit?: number | undefined;
    };
    readonly output: { readonly users: readonly AdminUser[]; readonly next_cursor: string | null };
  };
  /** A user, and where they are signed in: `GET /admin/users/{id}` */ readonly adminGetUser: {
    readonly input: { readonly id: string };
    readonly output: { readonly user: AdminUser; readonly sessions: readonly SessionOfUser[] };
  };
  /** Make a user an administrator: `POST /admin/users/{id}/promote` */ readonly adminPromoteUser: {
    readonly input: { readonly id: string };
    readonly output: { readonly user: AdminUser };
  };
  /** Make an administrator a plain user, at once: `POST /admin/users/{id}/demote` */ readonly adminDemoteUser: {
    readonly input: { readonly id: string };
    readonly output: { readonly user: AdminUser };
  };
  /** Keep a user from signing in, and end all their sessions: `POST /admin/users/{id}/disable` */ readonly adminDisableUser: {
    readonly input: { readonly id: string };
    readonly output: { readonly user: AdminUser };
  };
  /** Let a disabled user sign in again: `POST /admin/users/{id}/enable` */ readonly adminEnableUser: {
    readonly input: { readonly id: string };
    readonly output: { readonly user: AdminUser };
  };
  /** Sign a user out everywhere: `POST /admin/users/{id}/end-sessions` */ readonly adminEndSessions: {
    readonly input: { readonly id: string };
    readonly output: { readonly sessions: number };
  };
  /** Make a link by which a user without a password gets one: `POST /admin/users/{id}/claim-link` */ readonly adminMakeClaimLink: {
    readonly input: { readonly id: string };
    readonly output: ClaimLink;
  };
  /** Make links for all users without a password: `POST /admin/claim-links` */ readonly adminMakeClaimLinks: {
    readonly input: Readonly<Record<string, never>>;
    readonly output: string;
  };
  /** Who did what to whom, newest first: `GET /admin/audit` */ readonly adminListAudit: {
    readonly input: {
      readonly event?: string | undefined;
      readonly user_id?: string | undefined;
      readonly actor_id?: string | undefined;
      readonly from?: string | undefined;
      readonly until?: string | undefined;
      readonly cursor?: string | undefined;
      readonly limit?: number | undefined;
    };
    readonly output: { readonly events: readonly AuditEvent[]; readonly next_cursor: string | null };
  };
  /** Where the database stands, and how it came there: `GET /admin/migrations` */ readonly adminGetMigration: {
    readonly input: Readonly<Record<string, never>>;
    readonly output: MigrationStatus;
  };
  /** What up would do, statement by statement: `GET /admin/migrations/plan` */ readonly adminPlanMigration: {
    readonly input: Readonly<Record<string, never>>;
    readonly output: MigrationPlan;
  };
  /** Apply the plan online: `POST /admin/migrations/up` */ readonly adminMigrateUp: {
    readonly input: MigrationUp;
    readonly output: { readonly run: MigrationRun };
  };
  /** Take the graft out, or be told what would be lost: `POST /admin/migrations/down` */ readonly adminMigrateDown: {
    readonly input: MigrationDown;
    readonly output: { readonly run: MigrationRun };
  };
  /** Run SQL, one or more statements: `POST /admin/query` */ readonly adminQuery: {
    readonly input: Query;
    readonly output: readonly StatementResult[];
  };
  /** Whether the process is alive: `GET /healthz` */ readonly getHealth: {
    readonly input: Readonly<Record<string, never>>;
    readonly output: { readonly status: "ok" };
  };
  /** Whether requests can be served: `GET /readyz` */ readonly getReadiness: {
    readonly input: Readonly<Record<string, never>>;
    readonly output: { readonly status: "ready" };
  };
  /** Figures for Prometheus: `GET /metrics` */ readonly getMetrics: {
    readonly input: Readonly<Record<string, never>>;
    readonly output: string;
  };
  /** This description: `GET /openapi.json` */ readonly getDescription: {
    readonly input: Readonly<Record<string, never>>;
    readonly output: { readonly openapi: string; readonly [name: string]: unknown };
  };
  /** This description, as a page: `GET /docs` */ readonly getReference: {
    readonly input: Readonly<Record<string, never>>;
    readonly output: string;
  };
}

/** Where each operation is, and how it is called. */

export const OPERATIONS = {
  getConfiguration: { method: "GET", path: "/v1/auth/config" },
  register: {
    method: "POST",
    path: "/v1/auth/register",
    body: "json",
    choosesTransport: true,
    signsIn: true,
  },
  confirmRegistration: {
    method: "POST",
    path: "/v1/auth/register/confirm",
    body: "json",
    choosesTransport: true,
    signsIn: true,
  },
  verifyEmail: { method: "POST", path: "/v1/auth/verify-email", body: "json" },
  confirmEmailChange: { method: "POST", path: "/v1/auth/confirm-email-change", body: "json" },
  login: { method: "POST", path: "/v1/auth/login", body: "json", choosesTransport: true, signsIn: true },
  refresh: {
    method: "POST",
    path: "/v1/auth/refresh",
    auth: ["refreshCookie"],
    body: "json",
    takesRefreshToken: true,
    signsIn: true,
  },
  logout: {
    method: "POST",
    path: "/v1/auth/logout",
    auth: ["bearer", "refreshCookie"],
    body: "json",
    takesRefreshToken: true,
  },
  logoutAll: { method: "POST", path: "/v1/auth/logout-all", auth: ["bearer"], body: "json" },
  forgotPassword: { method: "POST", path: "/v1/auth/forgot-password", body: "json" },
  resetPassword: { method: "POST", path: "/v1/auth/reset-password", body: "json" },
  changePassword: {
    method: "POST",
    path: "/v1/users/me/password",
    auth: ["bearer"],
    body: "json",
    choosesTransport: true,
    signsIn: true,
  },
  setFirstPassword: { method: "POST", path: "/v1/users/me/password/first", auth: ["bearer"], body: "json" },
  claim: { method: "POST", path: "/v1/auth/claim", body: "json", choosesTransport: true, signsIn: true },
  checkClaim: { method: "POST", path: "/v1/auth/claim/check", body: "json" },
  bridge: { method: "POST", path: "/v1/auth/bridge", body: "json", choosesTransport: true, signsIn: true },
  getUser: { method: "GET", path: "/v1/users/me", auth: ["bearer"] },
  updateUser: { method: "PATCH", path: "/v1/users/me", auth: ["bearer"], body: "json" },
  changeEmail: { method: "POST", path: "/v1/users/me/email", auth: ["bearer"], body: "json" },
  sendEmailVerification: {
    method: "POST",
    path: "/v1/users/me/email/verification",
    auth: ["bearer"],
    body: "json",
  },
  closeAccount: { method: "POST", path: "/v1/users/me/close", auth: ["bearer"], body: "json" },
  listSessions: { method: "GET", path: "/v1/users/me/sessions", auth: ["bearer"] },
  endSession: { method: "DELETE", path: "/v1/users/me/sessions/{id}", auth: ["bearer"] },
  revokeToken: { method: "POST", path: "/oauth/revoke", body: "form" },
  introspectToken: { method: "POST", path: "/oauth/introspect", auth: ["service"], body: "form" },
  getRevocations: {
    method: "GET",
    path: "/v1/revocations",
    auth: ["service"],
    query: ["after", "cursor", "nonce"],
  },
  followRevocations: { method: "GET", path: "/v1/revocations/stream", auth: ["service"] },
  getKeys: { method: "GET", path: "/.well-known/jwks.json" },
  adminListUsers: {
    method: "GET",
    path: "/admin/users",
    auth: ["adminKey", "bearer"],
    query: ["search", "email", "is_admin", "disabled", "has_password", "cursor", "limit"],
  },
  adminGetUser: { method: "GET", path: "/admin/users/{id}", auth: ["adminKey", "bearer"] },
  adminPromoteUser: { method: "POST", path: "/admin/users/{id}/promote", auth: ["adminKey", "bearer"] },
  adminDemoteUser: { method: "POST", path: "/admin/users/{id}/demote", auth: ["adminKey", "bearer"] },
  adminDisableUser: { method: "POST", path: "/admin/users/{id}/disable", auth: ["adminKey", "bearer"] },
  adminEnableUser: { method: "POST", path: "/admin/users/{id}/enable", auth: ["adminKey", "bearer"] },
  adminEndSessions: { method: "POST", path: "/admin/users/{id}/end-sessions", auth: ["adminKey", "bearer"] },
  adminMakeClaimLink: { method: "POST", path: "/admin/users/{id}/claim-link", auth: ["adminKey", "bearer"] },
  adminMakeClaimLinks: { method: "POST", path: "/admin/claim-links", auth: ["adminKey", "bearer"] },
  adminListAudit: {
    method: "GET",
    path: "/admin/audit",
    auth: ["adminKey", "bearer"],
    query: ["event", "user_id", "actor_id", "from", "until", "cursor", "limit"],
  },
  adminGetMigration: { method: "GET", path: "/admin/migrations", auth: ["adminKey", "bearer"] },
  adminPlanMigration: { method: "GET", path: "/admin/migrations/plan", auth: ["adminKey", "bearer"] },
  adminMigrateUp: {
    method: "POST",
    path: "/admin/migrations/up",
    auth: ["adminKey", "bearer"],
    body: "json",
  },
  adminMigrateDown: {
    method: "POST",
    path: "/admin/migrations/down",
    auth: ["adminKey", "bearer"],
    body: "json",
  },
  adminQuery: { method: "POST", path: "/admin/query", auth: ["adminKey"], body: "json" },
  getHealth: { method: "GET", path: "/healthz" },
  getReadiness: { method: "GET", path: "/readyz" },
  getMetrics: { method: "GET", path: "/metrics" },
  getDescription: { method: "GET", path: "/openapi.json" },
  getReference: { method: "GET", path: "/docs" },
} as const;
