import { VerificationUnavailableError } from "../errors.ts";

/** Told of what keeps Authgraft from being asked, and null when it answers again. */
export type OnTrouble = (trouble: VerificationUnavailableError | null) => void;

/** Tells of each kind of trouble once and of the end of all, not of every attempt in between. */
export function createTelling(onTrouble: OnTrouble): (trouble: Error | null) => void {
  const told = new Set<string>();
  return (trouble) => {
    if (trouble === null) {
      if (told.size > 0) call(onTrouble, null);
      told.clear();
      return;
    }
    const known = nameTrouble(trouble);
    if (!told.has(known.message)) call(onTrouble, known);
    told.add(known.message);
  };
}

function nameTrouble(trouble: Error): VerificationUnavailableError {
  if (trouble instanceof VerificationUnavailableError) return trouble;
  return new VerificationUnavailableError("What is revoked could not be followed.", { cause: trouble });
}

/** A log that fails is no reason to know nothing any more; neither is one that fails later. */
function call(onTrouble: OnTrouble, trouble: VerificationUnavailableError | null): void {
  new Promise<void>((resolve) => resolve(onTrouble(trouble))).catch(() => undefined);
}
