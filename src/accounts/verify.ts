import { SignInError } from "../errors.ts";
import type { AccessTokenClaims } from "../tokens/access-claims.ts";
import type { VerifiedToken } from "../tokens/access-token.ts";
import { ageOf, type Mark, readMark } from "../tokens/revocations/freshness.ts";
import type { AccountsContext } from "./context.ts";

/** Says what a valid access token says; whoever cannot be answered is refused. */
export type Verify = (token: string) => Promise<AccessTokenClaims>;

/**
 * Makes `verify`: the signature once, then memory, which is at most `tokens.maxStalenessSeconds` old; what memory
 * cannot tell is asked of the database.
 *
 * It throws SignInError `invalid_token`; DatabaseError, or MigrationError `not_grafted`, where neither can tell.
 */
export function createVerify(context: AccountsContext): Verify {
  const { tokens, revocations, decide } = context;
  const confirmed = createConfirmations(context);
  return async (token) => {
    const verified = await tokens.check(token);
    const judgement = revocations.judge(verified);
    if (judgement === "revoked") throw refused();
    if (judgement === "valid" && confirmed.recently(verified)) return verified.claims;
    const mark = confirmed.mark();
    if ((await decide(verified.claims)) === null) throw refused();
    confirmed.remember(verified, mark);
    return verified.claims;
  };
}

/** Which tokens the database has spoken for lately. */
interface Confirmations {
  recently(token: VerifiedToken): boolean;
  mark(): Mark;
  remember(token: VerifiedToken, mark: Mark): void;
}

/**
 * Where the application marks users as deleted in a column of its own nobody tells us: the database has to be asked
 * about each token, as often as its answer may be old.
 */
function createConfirmations({ table, configuration, now }: AccountsContext): Confirmations {
  const clocks = { steady: () => performance.now(), now };
  const answers = new WeakMap<VerifiedToken, Mark>();
  const isNeeded = table.mapping.deleted !== null;
  const bound = configuration.tokens.maxStalenessSeconds * 1_000;
  return {
    recently: (token) => !isNeeded || ageOf(answers.get(token), clocks) <= bound,
    mark: () => readMark(clocks),
    remember: (token, mark) => void answers.set(token, mark),
  };
}

function refused(): SignInError {
  return new SignInError("invalid_token", "The access token is not valid.");
}
