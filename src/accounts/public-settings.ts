import type { Configuration } from "../config/schema.ts";
import type { AccountsContext } from "./context.ts";
import { profileFields } from "./fields/profile-fields.ts";
import { registrationFields, type TextField } from "./fields/registration-fields.ts";

/** The fields of a form, those that there are, by their names in requests. */
export type FormFields = Partial<Record<"email" | "username" | "display_name", TextField>>;

/** What a front end has to know of a server before anybody is signed in; nothing of it is a secret. */
export interface PublicSettings {
  readonly registration: {
    readonly mode: Configuration["registration"]["mode"];
    readonly fields: FormFields;
  };
  /** By what a login may name its user. */
  readonly login: ("email" | "username")[];
  readonly profile: { readonly fields: FormFields };
  /** In characters. */
  readonly password: { readonly minimum_length: number; readonly maximum_length: number };
  /** Those to sign in with besides. */
  readonly providers: string[];
  /** Whether mail is sent: without it nobody can be helped who forgot their password. */
  readonly mail: boolean;
  /** Whether sessions of the old application can be exchanged. */
  readonly bridge: boolean;
}

/** Reads the settings off table and configuration. */
export function publicSettings({ table, configuration, mailer }: AccountsContext): PublicSettings {
  const { email, username, displayName } = registrationFields(table, configuration.passwords);
  const { minimumLength, maximumLength } = configuration.passwords;
  return {
    registration: {
      mode: configuration.registration.mode,
      fields: present({ email, username, display_name: displayName }),
    },
    login: username === null ? ["email"] : ["email", "username"],
    profile: { fields: present(profileFields(table, configuration)) },
    password: { minimum_length: minimumLength, maximum_length: maximumLength },
    providers: [],
    mail: mailer.isAvailable,
    bridge: configuration.bridge !== undefined,
  };
}

function present(fields: Readonly<Record<string, TextField | null>>): FormFields {
  return Object.fromEntries(Object.entries(fields).filter(([, field]) => field !== null));
}
