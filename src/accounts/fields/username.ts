/** B6: letters, digits, `_` and `-`; so never an `@`, which would look like an email. */
const SHAPE = /^[A-Za-z0-9_-]+$/;

export const USERNAME_MINIMUM = 3;
export const USERNAME_MAXIMUM = 30;

/** Whether a text may be a new user's name, of at most `maximum` characters. */
export function isUsername(text: string, maximum: number = USERNAME_MAXIMUM): boolean {
  return text.length >= USERNAME_MINIMUM && text.length <= maximum && SHAPE.test(text);
}
