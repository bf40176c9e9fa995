import type { Configuration } from "../config/schema.ts";
import type { Sender } from "./message.ts";

/** Where to write what happened; no message holds an address, a link or a credential. */
export interface Logger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** Seals what waits in the database, and opens it: null where no secret does. */
export interface SealedTexts {
  seal(text: string): Promise<string>;
  open(sealed: string): Promise<string | null>;
}

/** How mails are written. */
export interface Writing {
  readonly application: string;
  readonly from: Sender;
  readonly defaultLanguage: string;
  readonly templates: Configuration["mail"]["templates"];
}
