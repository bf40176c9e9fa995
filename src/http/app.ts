import { OpenAPIHono } from "@hono/zod-openapi";
import type { AdminRouteParts } from "./admin-parts.ts";
import { answerErrors } from "./answer-errors.ts";
import { mountDocsPage } from "./docs-page/mount.ts";
import { crossOrigin } from "./middleware/cross-origin.ts";
import { limitBody } from "./middleware/limit-body.ts";
import { logRequests } from "./middleware/log-requests.ts";
import { measureRequests } from "./middleware/measure-requests.ts";
import { requestId } from "./middleware/request-id.ts";
import { securityHeaders } from "./middleware/security-headers.ts";
import { noRoute } from "./no-route.ts";
import { mountOpenApi } from "./openapi.ts";
import type { App, HttpParts } from "./parts.ts";
import { mountPreflight } from "./preflight.ts";
import { mountAdminAudit } from "./routes/admin-audit.ts";
import { mountAdminClaimLinks } from "./routes/admin-claim-links.ts";
import { mountAdminMigrations } from "./routes/admin-migrations.ts";
import { mountAdminQuery } from "./routes/admin-query.ts";
import { mountAdminUsersChange } from "./routes/admin-users-change.ts";
import { mountAdminUsersClaimLink } from "./routes/admin-users-claim-link.ts";
import { mountAdminUsersEndSessions } from "./routes/admin-users-end-sessions.ts";
import { mountAdminUsersList } from "./routes/admin-users-list.ts";
import { mountAdminUsersRead } from "./routes/admin-users-read.ts";
import { mountAuthConfig } from "./routes/auth-config.ts";
import { mountBridge } from "./routes/bridge.ts";
import { mountChangePassword } from "./routes/change-password.ts";
import { mountClaim } from "./routes/claim.ts";
import { mountClaimCheck } from "./routes/claim-check.ts";
import { mountCloseAccount } from "./routes/close-account.ts";
import { mountConfirmEmailChange } from "./routes/confirm-email-change.ts";
import { mountCurrentUser } from "./routes/current-user.ts";
import { mountDevOutbox } from "./routes/dev-outbox.ts";
import { mountEmailChange } from "./routes/email-change.ts";
import { mountEmailVerification } from "./routes/email-verification.ts";
import { mountFirstPassword } from "./routes/first-password.ts";
import { mountForgotPassword } from "./routes/forgot-password.ts";
import { mountHealth } from "./routes/health.ts";
import { mountJwks } from "./routes/jwks.ts";
import { mountLogin } from "./routes/login.ts";
import { mountLogout } from "./routes/logout.ts";
import { mountLogoutAll } from "./routes/logout-all.ts";
import { mountMetrics } from "./routes/metrics.ts";
import { mountOauthIntrospect } from "./routes/oauth-introspect.ts";
import { mountOauthRevoke } from "./routes/oauth-revoke.ts";
import { mountProfile } from "./routes/profile.ts";
import { mountReady } from "./routes/ready.ts";
import { mountRefresh } from "./routes/refresh.ts";
import { mountRegister } from "./routes/register.ts";
import { mountRegisterConfirm } from "./routes/register-confirm.ts";
import { mountResetPassword } from "./routes/reset-password.ts";
import { mountRevocations } from "./routes/revocations.ts";
import { mountRevocationsStream } from "./routes/revocations-stream.ts";
import { mountSessionsEnd } from "./routes/sessions-end.ts";
import { mountSessionsList } from "./routes/sessions-list.ts";
import { mountVerifyEmail } from "./routes/verify-email.ts";
import { invalidRequest } from "./validation.ts";

const ROUTES = [
  mountAuthConfig,
  mountRegister,
  mountRegisterConfirm,
  mountVerifyEmail,
  mountConfirmEmailChange,
  mountLogin,
  mountRefresh,
  mountLogout,
  mountLogoutAll,
  mountForgotPassword,
  mountResetPassword,
  mountChangePassword,
  mountFirstPassword,
  mountClaim,
  mountClaimCheck,
  mountBridge,
  mountCurrentUser,
  mountProfile,
  mountEmailChange,
  mountEmailVerification,
  mountCloseAccount,
  mountSessionsList,
  mountSessionsEnd,
  mountOauthRevoke,
  mountOauthIntrospect,
  mountRevocations,
  mountRevocationsStream,
  mountJwks,
  mountAdminUsersList,
  mountAdminUsersRead,
  mountAdminUsersChange,
  mountAdminUsersEndSessions,
  mountAdminUsersClaimLink,
  mountAdminClaimLinks,
  mountAdminAudit,
  mountAdminMigrations,
  mountAdminQuery,
  mountHealth,
  mountReady,
  mountMetrics,
  mountDevOutbox,
  mountOpenApi,
  mountDocsPage,
];

/** Puts the HTTP side together: a function from Request to Response, without a socket. */
export function createApp(parts: HttpParts & AdminRouteParts): App {
  const app: App = new OpenAPIHono({ defaultHook: (result) => invalidRequest(result) });
  app.use(requestId, logRequests(parts), measureRequests(parts.register), securityHeaders(parts));
  if (parts.cookies.allowedOrigins.length > 0) app.use(crossOrigin(parts.cookies.allowedOrigins));
  app.use(limitBody);
  for (const mount of ROUTES) mount(app, parts);
  mountPreflight(app, parts);
  app.notFound(noRoute(app));
  app.onError(answerErrors(parts));
  return app;
}
