import type { Caller } from "../caller.ts";
import {
  createMakeClaimLink,
  createMakeClaimLinks,
  type MakeClaimLink,
  type MakeClaimLinks,
} from "../claim-links.ts";
import type { AccountsContext } from "../context.ts";
import { type ByAdministrator, createDisableUser, createEnableUser } from "./disable-user.ts";
import { createEndUserSessions, type EndUserSessions } from "./end-user-sessions.ts";
import { createListUsers, type ListUsers } from "./list-users.ts";
import { type AuditPage, type AuditQuery, createReadAudit } from "./read-audit.ts";
import { createReadUser, type UserWithSessions } from "./read-user.ts";
import { createRefusedKey } from "./refused-key.ts";
import { createRefusedUser, type RefusedUser } from "./refused-user.ts";
import { createSetAdmin, refuseSetAdmin, type SetAdmin } from "./set-admin.ts";

/** What administrators do, one verb each; the file of a verb says what it throws. */
export interface Administration {
  listUsers: ListUsers;
  readUser(userId: string): Promise<UserWithSessions>;
  setAdmin: SetAdmin;
  disableUser: ByAdministrator;
  enableUser: ByAdministrator;
  endUserSessions: EndUserSessions;
  makeClaimLink: MakeClaimLink;
  makeClaimLinks: MakeClaimLinks;
  readAudit(query: AuditQuery): Promise<AuditPage>;
  refusedKey(caller: Caller): Promise<void>;
  refusedUser: RefusedUser;
}

/** Puts the administrators' use cases together. */
export function createAdministration(context: AccountsContext): Administration {
  // Whoever was told that something ended is not let in with it by the process that said so.
  const andKnow =
    <Arguments extends unknown[], Result>(end: (...given: Arguments) => Promise<Result>) =>
    async (...given: Arguments): Promise<Result> => {
      const result = await end(...given);
      await context.revocations.catchUp();
      return result;
    };
  return {
    listUsers: createListUsers(context),
    readUser: createReadUser(context),
    setAdmin: context.configuration.administration.promotion ? createSetAdmin(context) : refuseSetAdmin(),
    disableUser: andKnow(createDisableUser(context)),
    enableUser: createEnableUser(context),
    endUserSessions: andKnow(createEndUserSessions(context)),
    makeClaimLink: createMakeClaimLink(context),
    makeClaimLinks: createMakeClaimLinks(context),
    readAudit: createReadAudit(context),
    refusedKey: createRefusedKey(context),
    refusedUser: createRefusedUser(context),
  };
}
