import type { ApiTag } from "./document.ts";

/** The chapters of the description, and which paths are in each: the first that fits has it. */
const CHAPTERS: readonly (ApiTag & { readonly paths: RegExp })[] = [
  {
    name: "Administration",
    description: "For administrators, by their access token or the key of the server's operator.",
    paths: /^\/admin\b/,
  },
  {
    name: "Links in mails",
    description: "What the pages do that the links in mails lead to, and how such links are asked for.",
    paths: /^\/v1\/auth\/(?:forgot-|reset-|verify-|confirm-|claim\b|register\/)/,
  },
  {
    name: "Sign-in",
    description: "Registering, signing in and out, and going on with a session.",
    paths: /^\/v1\/auth\b/,
  },
  {
    name: "The user",
    description: "What somebody who is signed in sees and changes of their own.",
    paths: /^\/v1\/users\b/,
  },
  {
    name: "Other services",
    description: "Verifying tokens elsewhere, and learning what was revoked.",
    paths: /^\/(?:oauth|v1\/revocations|\.well-known)\b/,
  },
  { name: "Operations", description: "For whoever runs the server.", paths: /^\// },
];

/** In the order in which somebody who is new here wants them. */
const ORDER = [
  "Sign-in",
  "The user",
  "Links in mails",
  "Administration",
  "Other services",
  "Operations",
] as const;

/** The chapters, without those that are empty. */
export function chaptersOf(paths: readonly string[]): ApiTag[] {
  const used = new Set(paths.map(chapterOf));
  const all = ORDER.map((name) => CHAPTERS.find((chapter) => chapter.name === name));
  return all
    .filter((chapter) => chapter !== undefined && used.has(chapter.name))
    .map((chapter) => ({ name: chapter?.name ?? "", description: chapter?.description ?? "" }));
}

/** The chapter that a path is in. */
export function chapterOf(path: string): string {
  return CHAPTERS.find(({ paths }) => paths.test(path))?.name ?? "Operations";
}

/** Names of operations that their method and path do not say well; a name is never given to another one. */
const OPERATION_IDS: Readonly<Record<string, string>> = {
  "GET /v1/auth/config": "getConfiguration",
  "POST /v1/auth/register/confirm": "confirmRegistration",
  "POST /v1/auth/claim/check": "checkClaim",
  "GET /v1/users/me": "getUser",
  "PATCH /v1/users/me": "updateUser",
  "POST /v1/users/me/password": "changePassword",
  "POST /v1/users/me/password/first": "setFirstPassword",
  "POST /v1/users/me/email": "changeEmail",
  "POST /v1/users/me/email/verification": "sendEmailVerification",
  "POST /v1/users/me/close": "closeAccount",
  "GET /v1/users/me/sessions": "listSessions",
  "DELETE /v1/users/me/sessions/{id}": "endSession",
  "POST /oauth/revoke": "revokeToken",
  "POST /oauth/introspect": "introspectToken",
  "GET /v1/revocations": "getRevocations",
  "GET /v1/revocations/stream": "followRevocations",
  "GET /.well-known/jwks.json": "getKeys",
  "GET /healthz": "getHealth",
  "GET /readyz": "getReadiness",
  "GET /metrics": "getMetrics",
  "GET /openapi.json": "getDescription",
  "GET /docs": "getReference",
  "GET /dev/outbox": "getOutbox",
  "GET /admin/users": "adminListUsers",
  "GET /admin/users/{id}": "adminGetUser",
  "POST /admin/users/{id}/promote": "adminPromoteUser",
  "POST /admin/users/{id}/demote": "adminDemoteUser",
  "POST /admin/users/{id}/disable": "adminDisableUser",
  "POST /admin/users/{id}/enable": "adminEnableUser",
  "POST /admin/users/{id}/end-sessions": "adminEndSessions",
  "POST /admin/users/{id}/claim-link": "adminMakeClaimLink",
  "POST /admin/claim-links": "adminMakeClaimLinks",
  "GET /admin/audit": "adminListAudit",
  "GET /admin/migrations": "adminGetMigration",
  "GET /admin/migrations/plan": "adminPlanMigration",
  "POST /admin/migrations/up": "adminMigrateUp",
  "POST /admin/migrations/down": "adminMigrateDown",
  "POST /admin/query": "adminQuery",
};

const VERBS: Readonly<Record<string, string>> = {
  get: "get",
  post: "",
  put: "set",
  patch: "update",
  delete: "delete",
};

/** The name of an operation: that of the table, or one made of its method and path. */
export function operationIdOf(method: string, path: string): string {
  const named = OPERATION_IDS[`${method.toUpperCase()} ${path}`];
  if (named !== undefined) return named;
  const parts = path.split("/").filter((part) => !/^(?:|v1|auth|users|me|\{.*\})$/.test(part));
  const [first = "", ...others] = parts;
  const verb = VERBS[method] ?? method;
  return camelCase(first === "admin" ? [first, verb, ...others] : [verb, first, ...others]);
}

function camelCase(parts: readonly string[]): string {
  const words = parts.flatMap((part) => part.split(/[^A-Za-z0-9]+/)).filter((word) => word !== "");
  return words.map((word, i) => (i === 0 ? word : `${word[0]?.toUpperCase()}${word.slice(1)}`)).join("");
}
