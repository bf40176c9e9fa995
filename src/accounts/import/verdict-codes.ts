import type { Fault } from "./source/source-row.ts";

/** Why a row that could be read is refused, by the number that the database gives back. */
export const Code = {
  fits: 0,
  unreadable: 1,
  noKey: 2,
  idTwice: 3,
  usernameTwice: 4,
  emailTwice: 5,
  severalUsers: 6,
  deletedUser: 7,
  otherEmail: 8,
  otherUsername: 9,
  emailTaken: 10,
  usernameTaken: 11,
  idTaken: 12,
  noUsername: 13,
  noEmail: 14,
  noDisplayName: 15,
  noId: 16,
  noPassword: 17,
  sameUser: 18,
  unverifiedEmail: 19,
} as const;

type CodeNumber = (typeof Code)[keyof typeof Code];

const FAULTS: Readonly<Record<Exclude<CodeNumber, 0 | 1 | 2>, Fault>> = {
  [Code.idTwice]: { field: "id", reason: "Another row has the same id" },
  [Code.usernameTwice]: { field: "username", reason: "Another row has the same username" },
  [Code.emailTwice]: { field: "email", reason: "Another row has the same email, upper and lower case aside" },
  [Code.severalUsers]: { field: "username", reason: "Several users of the table have this username." },
  [Code.deletedUser]: { field: "row", reason: "The user is marked as deleted." },
  [Code.otherEmail]: { field: "email", reason: "The user whom it matches has another email." },
  [Code.otherUsername]: { field: "username", reason: "The user whom it matches has another username." },
  [Code.emailTaken]: { field: "email", reason: "Another user of the table has this email." },
  [Code.usernameTaken]: { field: "username", reason: "Another user of the table has this username." },
  [Code.idTaken]: { field: "id", reason: "Another user of the table has this id." },
  [Code.noUsername]: { field: "username", reason: "A new user needs a username." },
  [Code.noEmail]: { field: "email", reason: "A new user needs an email." },
  [Code.noDisplayName]: { field: "display_name", reason: "A new user needs a display name." },
  [Code.noId]: { field: "id", reason: "A new user needs an id." },
  [Code.noPassword]: { field: "password_hash", reason: "A new user needs a password." },
  [Code.sameUser]: { field: "row", reason: "Another row matches the same user." },
  [Code.unverifiedEmail]: {
    field: "email",
    reason:
      "The file says this address was never verified; whoever has it there may not be this user (--trust-unverified-emails).",
  },
};

/** The fault that a number stands for; `other` is another row that has the same value. */
export function faultOfCode(code: number, other: number | null, key: string): Fault {
  if (code === Code.noKey) return { field: "row", reason: `It has no ${key} to match it by.` };
  const fault = FAULTS[code as keyof typeof FAULTS] ?? { field: "row", reason: "It cannot be imported." };
  return other === null ? fault : { ...fault, reason: `${fault.reason}: row ${other}.` };
}
