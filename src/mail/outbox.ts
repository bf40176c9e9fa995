import type { Deliver, Message, Outbox } from "./message.ts";

const KEPT = 100;

/** Keeps the last hundred mails in memory; one that is sent again is one. */
export function createOutbox(): Outbox {
  let messages: readonly Message[] = [];
  return {
    add(message) {
      messages = [message, ...messages.filter(({ id }) => id !== message.id)].slice(0, KEPT);
    },
    list: () => messages,
  };
}

/** Puts each message into the outbox, and sends it as well where there is a way to. */
export function keepingIn(outbox: Outbox, deliver: Deliver | null): Deliver {
  return async (message, signal) => {
    outbox.add(message);
    return deliver === null ? { outcome: "sent" } : deliver(message, signal);
  };
}
