/** Somebody is waiting for an answer, or nobody is: an import, the renewal of a hash after its login. */
export type Lane = "interactive" | "background";

/** On whose behalf something waits. */
export interface Asker {
  /** Where the request came from; undefined where that is not known. */
  readonly address?: string | undefined;
  /** Whose password it is about, by the name that was given. */
  readonly account?: string | undefined;
}

/** Something that waits for its turn. */
export interface Waiting {
  readonly asker: Asker;
  readonly lane: Lane;
}

/** How many may wait. */
export interface QueueLimits {
  /** In each of the two lanes. */
  readonly capacity: number;
  readonly perAddress: number;
  readonly perAccount: number;
  /** For one account from one address: whoever tries its passwords leaves its owner places. */
  readonly perAccountAndAddress: number;
}

/** Why something may not wait: no room at all, or none for this address or account. */
export type QueueRefusal = "full" | "address" | "account";

/** A bounded queue in which addresses take turns. */
export interface FairQueue<Item extends Waiting> {
  size(lane: Lane): number;
  /** Null where it was taken in. */
  add(item: Item): QueueRefusal | null;
  /** The next one; of the background only where nobody is waiting in person. */
  next(): Item | undefined;
  /** Takes one out whose asker has gone; false where it was not waiting. */
  remove(item: Item): boolean;
}

/**
 * Makes the queue. One address that sends a thousand logins waits for itself: after each of its turns come
 * all the others', and it holds no more than its share of the places; an account the same.
 */
export function createFairQueue<Item extends Waiting>(limits: QueueLimits): FairQueue<Item> {
  const lanes = { interactive: createLane<Item>(), background: createLane<Item>() };
  const held = new Map<string, number>();
  const count = (item: Item, by: 1 | -1) => {
    for (const { key } of sharesOf(item.asker, limits)) {
      const now = (held.get(key) ?? 0) + by;
      if (now === 0) held.delete(key);
      else held.set(key, now);
    }
  };
  return {
    size: (lane) => lanes[lane].size(),
    add(item) {
      const lane = lanes[item.lane];
      if (lane.size() >= limits.capacity) return "full";
      const exceeded = sharesOf(item.asker, limits).find(({ key, most }) => (held.get(key) ?? 0) >= most);
      if (exceeded !== undefined) return exceeded.of;
      lane.add(item);
      count(item, 1);
      return null;
    },
    next() {
      const item = lanes.interactive.next() ?? lanes.background.next();
      if (item !== undefined) count(item, -1);
      return item;
    },
    remove(item) {
      const removed = lanes[item.lane].remove(item);
      if (removed) count(item, -1);
      return removed;
    },
  };
}

interface Share {
  readonly of: "address" | "account";
  readonly key: string;
  readonly most: number;
}

function sharesOf({ address, account }: Asker, limits: QueueLimits): readonly Share[] {
  const shares: Share[] = [];
  if (address !== undefined) shares.push({ of: "address", key: `a ${address}`, most: limits.perAddress });
  if (account !== undefined) {
    shares.push({ of: "account", key: `n ${account}`, most: limits.perAccount });
    shares.push({ of: "account", key: `b ${address} ${account}`, most: limits.perAccountAndAddress });
  }
  return shares;
}

/** A line for each address; the lines take turns in the order in which a Map keeps them. */
function createLane<Item extends Waiting>() {
  const lines = new Map<string, Item[]>();
  let size = 0;
  const lineOf = ({ asker }: Item) => asker.address ?? "";
  return {
    size: () => size,
    add(item: Item): void {
      const line = lines.get(lineOf(item));
      if (line === undefined) lines.set(lineOf(item), [item]);
      else line.push(item);
      size += 1;
    },
    next(): Item | undefined {
      const [first] = lines;
      if (first === undefined) return undefined;
      const [address, line] = first;
      const item = line.shift();
      lines.delete(address);
      if (line.length > 0) lines.set(address, line);
      size -= 1;
      return item;
    },
    remove(item: Item): boolean {
      const line = lines.get(lineOf(item)) ?? [];
      const place = line.indexOf(item);
      if (place === -1) return false;
      line.splice(place, 1);
      if (line.length === 0) lines.delete(lineOf(item));
      size -= 1;
      return true;
    },
  };
}
