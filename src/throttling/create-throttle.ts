import { Counter, type Registry } from "prom-client";
import type { Configuration } from "../config/schema.ts";
import { OverloadedError, ThrottledError } from "../errors.ts";
import type { Queryable } from "../postgres/client.ts";
import { type Budget, createBudget, type Kind, type Point, type Shortage } from "./budget.ts";
import { type Counts, countsIn, type Limit } from "./counts.ts";
import type { Admission, Throttle } from "./throttle.ts";
import { createTurns, type Turns } from "./turns.ts";
import { createUnderWay } from "./under-way.ts";
import { UNLIMITED } from "./unlimited.ts";

export interface ThrottleParts {
  readonly pool: Queryable;
  readonly configuration: Pick<Configuration, "schema" | "throttling">;
  /** What digests of names are made with: one for all servers. */
  readonly key: Uint8Array;
  readonly register: Registry;
  /** Told why a point could not be put back; whoever it was taken from waits for its time to end. */
  readonly onTrouble: (error: unknown) => void;
}

/** Seconds after which attempts that are looked at just now have come to something. */
const SOON = 1;

/** A name and the budget that it takes from; without a name nothing is taken. */
type Wish = readonly [budget: Budget, name: string | undefined];

/** Makes the throttle that the configuration asks for. */
export function createThrottle(parts: ThrottleParts): Throttle {
  const { configuration } = parts;
  const { mode, ...limits } = configuration.throttling;
  if (mode === "off") return UNLIMITED;
  const counts = countsIn(parts.pool, configuration.schema);
  const [underWay, turns] = [createUnderWay(), createTurns()];
  const budget = (kind: Kind, limit: Limit) =>
    createBudget({ counts, underWay, turns, key: parts.key }, kind, limit);
  const [accounts, devices] = [
    budget("account", limits.failuresPerAccount),
    budget("device", limits.failuresPerDevice),
  ];
  const [addresses, secrets] = [
    budget("address", limits.failuresPerAddress),
    budget("secret", limits.failuresPerAddress),
  ];
  const registrations = budget("registration", limits.registrationsPerAddress);
  const [mails, mailAddresses] = [
    budget("mail", limits.mailsPerAccount),
    budget("mail_address", limits.mailsPerAddress),
  ];
  const admit = createAdmit(counts, turns, parts);
  return {
    guess: ({ account, address, device }) =>
      device === undefined
        ? admit([accounts, account], [addresses, address])
        : admit([devices, device], [addresses, undefined]),
    async register({ address }) {
      const admission = await admit([registrations, address], [addresses, undefined]);
      admission.failed();
      return admission;
    },
    async mail({ account, address }) {
      (await admit([mails, account], [mailAddresses, address])).failed();
    },
    guessSecret: ({ address }) => admit([accounts, undefined], [secrets, address]),
  };
}

type Admit = (own: Wish, address: Wish) => Promise<Admission>;

/**
 * Takes both points or none. The address's comes first: from an address that has none left, nobody can use up
 * what belongs to an account.
 */
function createAdmit(counts: Counts, turns: Turns, { register, onTrouble }: ThrottleParts): Admit {
  const refuse = createRefuse(register);
  const settle = createSettle(counts, turns, onTrouble);
  return async (own, address) => {
    const fromAddress = await take(address);
    if (isShortage(fromAddress)) throw refuse(fromAddress);
    try {
      const taken = await take(own);
      if (isShortage(taken)) throw refuse(taken);
      return settle(taken, fromAddress);
    } catch (error) {
      await settle(undefined, fromAddress).giveBack();
      throw error;
    }
  };
}

async function take([budget, name]: Wish): Promise<Point | Shortage | undefined> {
  return name === undefined ? undefined : budget.take(name);
}

function isShortage(taken: Point | Shortage | undefined): taken is Shortage {
  return taken !== undefined && "milliseconds" in taken;
}

/** Many people may be behind one address: as long as all that are ahead may be right, it is a rush and no attack. */
function createRefuse(register: Registry): (shortage: Shortage) => ThrottledError | OverloadedError {
  const refusals = new Counter({
    ...{
      name: "authgraft_throttled_total",
      help: "Attempts that were refused unseen, by whose budget was used up.",
    },
    ...{ registers: [register], labelNames: ["kind"] as const },
  });
  return ({ kind, isPassing, milliseconds }) => {
    if (isPassing && (kind === "address" || kind === "secret")) return new OverloadedError(SOON);
    refusals.inc({ kind });
    return new ThrottledError(isPassing ? SOON : Math.max(1, Math.ceil(milliseconds / 1_000)));
  };
}

/** What was decided about an attempt is not undecided because its point could not be put back. */
function createSettle(
  counts: Counts,
  turns: Turns,
  onTrouble: ThrottleParts["onTrouble"],
): (own: Point | undefined, address: Point | undefined) => Admission {
  return (own, address) => {
    const failed = () => {
      own?.underWay.end();
      address?.underWay.end();
    };
    const after = async (change: Counts["reset"]) => {
      const key = address?.key ?? own?.key;
      if (key !== undefined) await turns(key, () => change(own, address)).catch(onTrouble);
      failed();
    };
    return { failed, succeeded: () => after(counts.reset), giveBack: () => after(counts.putBack) };
  };
}
