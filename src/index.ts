export type { AuthenticatedUser } from "./accounts/authenticated-user.ts";
export { type FieldError, FieldsError } from "./accounts/fields/field-error.ts";
export type { Registration } from "./accounts/fields/registration-fields.ts";
export type { Credentials } from "./accounts/find-account.ts";
export type { Logger } from "./accounts/logger.ts";
export type { RevokedToken } from "./accounts/revoked-tokens.ts";
export type { SignedIn } from "./accounts/signed-in.ts";
export type { User } from "./accounts/user.ts";
export type { AuthOptions } from "./auth/options.ts";
export { type Auth, createAuth } from "./auth.ts";
export type {
  Bridge,
  Hook,
  HookContext,
  HookEvents,
  HookUser,
  MailDetails,
  MailKind,
  MailTemplates,
  WrittenMail,
} from "./config/own-functions.ts";
export type { Configuration, ConfigurationInput } from "./config/schema.ts";
export {
  AuthgraftError,
  ConfigurationError,
  DatabaseError,
  type ErrorCode,
  MigrationError,
  Refusal,
  SignInError,
  ThrottledError,
} from "./errors.ts";
export type { Pool, PoolClient, Queryable, QueryResult } from "./postgres/client.ts";
export type { AccessTokenClaims } from "./tokens/access-claims.ts";
export type { RevocationsState } from "./tokens/revocations/revocations.ts";
