import type { AccessTokenClaims } from "../tokens/access-claims.ts";
import { createAssertReady } from "./assert-ready.ts";
import { createBridge, type SignInByBridge } from "./bridge.ts";
import type { Caller } from "./caller.ts";
import { createChangePassword, type PasswordChange } from "./change-password.ts";
import { type Claimable, type ClaimRequest, createCheckClaim, createClaim } from "./claim.ts";
import {
  createMakeClaimLink,
  createMakeClaimLinks,
  type MakeClaimLink,
  type MakeClaimLinks,
} from "./claim-links.ts";
import { type CloseAccount, createCloseAccount } from "./close-account.ts";
import { type ConfirmEmailChange, createConfirmEmailChange } from "./confirm-email-change.ts";
import { type ConfirmRegistration, createConfirmRegistration } from "./confirm-registration.ts";
import type { AccountsContext } from "./context.ts";
import { createAuthenticate, type Identity } from "./current-user.ts";
import { createEndSession, type EndSession } from "./end-session.ts";
import {
  type Registration,
  type RegistrationFields,
  registrationFields,
} from "./fields/registration-fields.ts";
import type { Credentials } from "./find-account.ts";
import { createForgotPassword, type Forgotten } from "./forgot-password.ts";
import { createIntrospect, type Introspection } from "./introspect.ts";
import { createListSessions, type SessionView } from "./list-sessions.ts";
import { createLogin } from "./login.ts";
import { createLogout } from "./logout.ts";
import { createLogoutAll, type LogoutAll, type SessionHolder } from "./logout-all.ts";
import { type PublicSettings, publicSettings } from "./public-settings.ts";
import { createRefresh } from "./refresh.ts";
import { createRegister } from "./register.ts";
import { createRequestEmailChange, type RequestEmailChange } from "./request-email-change.ts";
import {
  createRequestEmailVerification,
  type RequestEmailVerification,
} from "./request-email-verification.ts";
import { createRequestRegistration, type RequestRegistration } from "./request-registration.ts";
import { createResetPassword, type PasswordReset } from "./reset-password.ts";
import { createRevokePresented, createRevokeRefreshToken, type RevokePresented } from "./revoke-presented.ts";
import { createFindRevokedToken, type RevokedToken } from "./revoked-tokens.ts";
import { createSetFirstPassword } from "./set-first-password.ts";
import type { SignedIn } from "./signed-in.ts";
import { createUpdateProfile, type UpdateProfile } from "./update-profile.ts";
import { createVerify } from "./verify.ts";
import { createVerifyEmail, type VerifyEmail } from "./verify-email.ts";

/** The use cases, one verb each; the file of a verb says what it throws. */
export interface Accounts {
  /** What `register` is asked for on this table. */
  readonly fields: RegistrationFields;
  /** What a front end may know. */
  readonly settings: PublicSettings;
  register(registration: Registration, caller?: Caller): Promise<SignedIn>;
  readonly requestRegistration: RequestRegistration;
  readonly confirmRegistration: ConfirmRegistration;
  readonly requestEmailVerification: RequestEmailVerification;
  readonly verifyEmail: VerifyEmail;
  readonly requestEmailChange: RequestEmailChange;
  readonly confirmEmailChange: ConfirmEmailChange;
  readonly updateProfile: UpdateProfile;
  readonly closeAccount: CloseAccount;
  login(credentials: Credentials, caller?: Caller): Promise<SignedIn>;
  logout(token: string, caller?: Caller): Promise<void>;
  refresh(refreshToken: string, caller?: Caller): Promise<SignedIn>;
  forgotPassword(forgotten: Forgotten, caller?: Caller): Promise<void>;
  resetPassword(reset: PasswordReset, caller?: Caller): Promise<void>;
  changePassword(holder: AccessTokenClaims, change: PasswordChange, caller?: Caller): Promise<SignedIn>;
  setFirstPassword(holder: Identity, password: string, caller?: Caller): Promise<void>;
  claim(claim: ClaimRequest, caller?: Caller): Promise<SignedIn>;
  checkClaim(token: string, caller?: Caller): Promise<Claimable>;
  makeClaimLink: MakeClaimLink;
  makeClaimLinks: MakeClaimLinks;
  /** Null where the configuration has no bridge. */
  bridge: SignInByBridge | null;
  readonly logoutAll: LogoutAll;
  listSessions(holder: SessionHolder): Promise<readonly SessionView[]>;
  readonly endSession: EndSession;
  readonly revokeRefreshToken: RevokePresented;
  readonly revokePresented: RevokePresented;
  introspect(token: string): Promise<Introspection>;
  verify(token: string): Promise<AccessTokenClaims>;
  authenticate(token: string): Promise<Identity>;
  findRevokedToken(jti: string): Promise<RevokedToken | null>;
  assertReady(): Promise<void>;
}

/**
 * Puts the use cases together.
 *
 * @throws ConfigurationError `configuration_invalid` where nobody could register on this table.
 */
export function createAccounts(context: AccountsContext): Accounts {
  // Whoever was told that something ended is not let in with it by the process that said so.
  const andKnow =
    <Arguments extends unknown[]>(end: (...given: Arguments) => Promise<void>) =>
    async (...given: Arguments) => {
      await end(...given);
      await context.revocations.catchUp();
    };
  return {
    fields: registrationFields(context.table, context.configuration.passwords),
    settings: publicSettings(context),
    register: createRegister(context),
    requestRegistration: createRequestRegistration(context),
    confirmRegistration: createConfirmRegistration(context),
    requestEmailVerification: createRequestEmailVerification(context),
    verifyEmail: createVerifyEmail(context),
    requestEmailChange: createRequestEmailChange(context),
    confirmEmailChange: createConfirmEmailChange(context),
    updateProfile: createUpdateProfile(context),
    closeAccount: andKnow(createCloseAccount(context)),
    login: createLogin(context),
    logout: andKnow(createLogout(context)),
    refresh: createRefresh(context),
    forgotPassword: createForgotPassword(context),
    resetPassword: createResetPassword(context),
    changePassword: createChangePassword(context),
    setFirstPassword: createSetFirstPassword(context),
    claim: createClaim(context),
    checkClaim: createCheckClaim(context),
    makeClaimLink: createMakeClaimLink(context),
    makeClaimLinks: createMakeClaimLinks(context),
    bridge: createBridge(context),
    logoutAll: andKnow(createLogoutAll(context)),
    listSessions: createListSessions(context),
    endSession: andKnow(createEndSession(context)),
    revokeRefreshToken: andKnow(createRevokeRefreshToken(context)),
    revokePresented: andKnow(createRevokePresented(context)),
    introspect: createIntrospect(context),
    verify: createVerify(context),
    authenticate: createAuthenticate(context),
    findRevokedToken: createFindRevokedToken(context),
    assertReady: createAssertReady(context),
  };
}
