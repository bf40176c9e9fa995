import type { Configuration } from "../config/schema.ts";
import { type BreachObserver, createBreachCheck } from "./policy/breached.ts";
import { refuseCommon } from "./policy/common.ts";
import { type PasswordOwner, refuseGuessable } from "./policy/context-words.ts";
import { type LengthSettings, refuseLength } from "./policy/length.ts";
import type { PasswordRefusal } from "./policy/refusal.ts";

/** What the configuration says about new passwords. */
export type PolicySettings = LengthSettings &
  Pick<Configuration["passwords"], "contextWords" | "breachedPasswordCheck">;

/**
 * What a new password has to be, on registration, change and reset. A password that is there already is never
 * held to it, nor is one that comes with an import.
 */
export interface PasswordPolicy {
  /** Everything that this server can say by itself: the length, the most used passwords, the owner's own words. */
  checkHere(password: string, owner: PasswordOwner): Promise<PasswordRefusal | null>;
  /** The whole policy: the same, and then the look-up of breached passwords where it is configured. */
  check(password: string, owner: PasswordOwner): Promise<PasswordRefusal | null>;
}

const BREACHED: PasswordRefusal = {
  code: "password_breached",
  message:
    "This password is in a collection of stolen ones. Where you use it elsewhere, change it there too.",
};

/**
 * Makes the policy. `observe` is told what comes of each look-up of breached passwords, for logs and metrics; one
 * that fails refuses nobody.
 *
 * @see https://pages.nist.gov/800-63-4/sp800-63b.html#passwordver
 */
export function createPasswordPolicy(settings: PolicySettings, observe?: BreachObserver): PasswordPolicy {
  const { breachedPasswordCheck, contextWords } = settings;
  const lookUp =
    breachedPasswordCheck.mode === "off" ? null : createBreachCheck(breachedPasswordCheck, observe);
  const checkHere: PasswordPolicy["checkHere"] = async (password, owner) =>
    refuseLength(password, settings) ??
    refuseGuessable(password, owner, contextWords) ??
    (await refuseCommon(password));
  return {
    checkHere,
    async check(password, owner) {
      const refusal = await checkHere(password, owner);
      if (refusal !== null || lookUp === null) return refusal;
      return (await lookUp(password)) === "breached" ? BREACHED : null;
    },
  };
}
