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

export type Registration = {
  readonly email: string;
  readonly username?: string | undefined;
  readonly display_name?: string | undefined;
  readonly password: string;
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

export type Accepted = { readonly status: "accepted" };

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
    | "mail_unavailable"
    | "media_type_unsupported"
    | "method_not_allowed"
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
          | "username_taken";
        readonly message: string;
      }[]
    | undefined;
  readonly error?: string | undefined;
};

/** What each operation takes and answers. */

export interface Operations {
  /** Which fields, ways in and rules there are here, for front ends: `GET /v1/auth/config` */ readonly getConfiguration: {
    readonly input: Readonly<Record<string, never>>;
    readonly output: AuthConfig;
  };
  /** Register with an email and a password: `POST /v1/auth/register` */ readonly register: {
    readonly input: Registration;
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
  getHealth: { method: "GET", path: "/healthz" },
  getReadiness: { method: "GET", path: "/readyz" },
  getMetrics: { method: "GET", path: "/metrics" },
  getDescription: { method: "GET", path: "/openapi.json" },
  getReference: { method: "GET", path: "/docs" },
} as const;
