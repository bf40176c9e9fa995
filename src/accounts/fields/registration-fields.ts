import type { LengthSettings } from "../../passwords/policy/length.ts";
import type { PasswordPolicy } from "../../passwords/policy.ts";
import { type Column, findColumn } from "../../users-table/relation.ts";
import type { UsersTable } from "../users-table.ts";
import { DISPLAY_NAME_MAXIMUM, isDisplayName } from "./display-name.ts";
import { isEmailAddress } from "./email.ts";
import type { FieldError } from "./field-error.ts";
import { isUsername, USERNAME_MAXIMUM, USERNAME_MINIMUM } from "./username.ts";

/** A field that the table has. */
export interface TextField {
  /** In characters. */
  readonly maximum: number;
  readonly required: boolean;
}

/** What a registration is asked for (C14): `username` and `display_name` only where the table has them. */
export interface RegistrationFields {
  readonly email: TextField;
  readonly username: TextField | null;
  readonly displayName: TextField | null;
  readonly password: LengthSettings;
}

/** What a person sends to register. */
export interface Registration {
  readonly email: string;
  readonly username?: string | undefined;
  readonly display_name?: string | undefined;
  readonly password: string;
}

/** Reads off the table what a registration is asked for. */
export function registrationFields(table: UsersTable, password: LengthSettings): RegistrationFields {
  const { relation, mapping } = table;
  return {
    email: {
      maximum: Math.min(254, findColumn(relation, mapping.email)?.maximumLength ?? 254),
      required: true,
    },
    username: textField(findColumn(relation, mapping.username), USERNAME_MAXIMUM),
    displayName: textField(findColumn(relation, mapping.display_name), DISPLAY_NAME_MAXIMUM),
    password,
  };
}

function textField(column: Column | undefined, most: number): TextField | null {
  if (column === undefined) return null;
  const required = column.notNull && column.default === null;
  return { maximum: column.maximumLength === null ? most : Math.min(most, column.maximumLength), required };
}

/**
 * Everything that is wrong with a registration by itself, without asking the database. Nobody else is asked about the
 * password while something is.
 */
export async function findFieldErrors(
  registration: Registration,
  fields: RegistrationFields,
  policy: PasswordPolicy,
): Promise<FieldError[]> {
  const { email, username, display_name, password } = registration;
  const errors = [
    emailError(email, fields.email),
    usernameError(username, fields.username),
    displayNameError(display_name, fields.displayName),
  ].filter((error) => error !== null);
  const check = errors.length === 0 ? policy.check : policy.checkHere;
  const refusal = await check(password, { email, username, displayName: display_name });
  return refusal === null ? errors : [...errors, { field: "password", ...refusal }];
}

/** What is wrong with an email by itself. */
export function emailError(email: string, { maximum }: TextField): FieldError | null {
  if (isEmailAddress(email) && [...email].length <= maximum) return null;
  return invalid(
    "email",
    `The email must be one address, like ada@example.com, of at most ${maximum} characters.`,
  );
}

/** What is wrong with a username by itself, or with its absence. */
export function usernameError(username: string | undefined, field: TextField | null): FieldError | null {
  if (username === undefined) return field?.required ? required("username") : null;
  if (field === null) return unknown("username");
  if (isUsername(username, field.maximum)) return null;
  return invalid(
    "username",
    `The username must have ${USERNAME_MINIMUM} to ${field.maximum} characters: letters, digits, "_" and "-".`,
  );
}

/** What is wrong with a display name by itself, or with its absence. */
export function displayNameError(name: string | undefined, field: TextField | null): FieldError | null {
  if (name === undefined) return field?.required ? required("display_name") : null;
  if (field === null) return unknown("display_name");
  if (isDisplayName(name, field.maximum)) return null;
  return invalid("display_name", `The display name must be one line of 1 to ${field.maximum} characters.`);
}

function invalid(field: string, message: string): FieldError {
  return { field, code: "field_invalid", message };
}

function required(field: string): FieldError {
  return { field, code: "field_required", message: `The field ${field} is missing.` };
}

function unknown(field: string): FieldError {
  return { field, code: "field_unknown", message: `There is no field ${field} here.` };
}
