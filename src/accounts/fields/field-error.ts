import { type ErrorCode, SignInError } from "../../errors.ts";

/** What is wrong with one field of a request. */
export interface FieldError {
  /** As the request names it. */
  readonly field: string;
  readonly code: ErrorCode;
  readonly message: string;
}

/** A request that was understood and refused for what is in its fields; its code is the first one's. */
export class FieldsError extends SignInError {
  readonly fields: readonly FieldError[];

  constructor(first: FieldError, ...others: readonly FieldError[]) {
    super(first.code, first.message);
    this.fields = [first, ...others];
  }
}

/** Throws what was found wrong, all of it together; nothing where nothing was. */
export function throwIfAny(errors: readonly FieldError[]): void {
  const [first, ...others] = errors;
  if (first !== undefined) throw new FieldsError(first, ...others);
}
