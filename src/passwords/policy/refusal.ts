/** Why a new password is refused. The message is for the person, and never repeats the password. */
export interface PasswordRefusal {
  readonly code:
    | "password_too_short"
    | "password_too_long"
    | "password_common"
    | "password_guessable"
    | "password_breached"
    | "field_invalid";
  readonly message: string;
}
