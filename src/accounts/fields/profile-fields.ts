import type { Configuration } from "../../config/schema.ts";
import type { UsersTable } from "../users-table.ts";
import type { FieldError } from "./field-error.ts";
import {
  displayNameError,
  registrationFields,
  type TextField,
  usernameError,
} from "./registration-fields.ts";

/** A part of a profile that a user may change. */
export type ProfilePart = Configuration["profile"]["editable"][number];

/** What a user may change of their profile: what the configuration allows of what the table has. */
export type ProfileFields = Readonly<Record<ProfilePart, TextField | null>>;

/** What somebody would have changed. */
export type ProfileChange = Readonly<Partial<Record<ProfilePart, string | undefined>>>;

/** Reads off table and configuration what may be changed. */
export function profileFields(
  table: UsersTable,
  { profile, passwords }: Pick<Configuration, "profile" | "passwords">,
): ProfileFields {
  const { username, displayName } = registrationFields(table, passwords);
  const editable = (part: ProfilePart, field: TextField | null) =>
    profile.editable.includes(part) ? field : null;
  return {
    username: editable("username", username),
    display_name: editable("display_name", displayName),
  };
}

/** What is wrong with a change by itself, by the rules of registration. What is not named stays as it is. */
export function findProfileErrors(
  { username, display_name }: ProfileChange,
  fields: ProfileFields,
): FieldError[] {
  return [
    username === undefined ? null : usernameError(username, fields.username),
    display_name === undefined ? null : displayNameError(display_name, fields.display_name),
  ].filter((error) => error !== null);
}
