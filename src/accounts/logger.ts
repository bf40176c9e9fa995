/** Where Authgraft writes what happened; pino has this shape. No message ever holds a secret. */
export interface Logger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** Writes nothing. */
export const SILENT: Logger = { info() {}, warn() {}, error() {} };
