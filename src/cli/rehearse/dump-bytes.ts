import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { dumpInvalid } from "../../migration/rehearse/restore/dump-error.ts";
import { type DumpFile, gzipDamaged } from "./dump-format.ts";

const CHUNK = 2 ** 18;

/**
 * The bytes of a dump's file, unzipped; read no faster than they are taken.
 *
 * @throws MigrationError `dump_invalid`
 */
export async function* readDumpBytes(dump: DumpFile): AsyncGenerator<Uint8Array, void> {
  const file = createReadStream(dump.path, { highWaterMark: CHUNK });
  let failed: Error | null = null;
  const note = (error: Error | null | undefined) => {
    failed ??= error ?? null;
  };
  file.once("error", note);
  const source = dump.gzipped ? pipeline(file, createGunzip({ chunkSize: CHUNK }), note) : file;
  try {
    for await (const chunk of source) yield chunk as Buffer;
  } catch (error) {
    throw dump.gzipped ? gzipDamaged(dump.path, failed ?? error) : unreadable(dump.path, error);
  } finally {
    file.destroy();
  }
}

function unreadable(path: string, error: unknown): Error {
  const words = error instanceof Error ? error.message : "no reason given";
  return dumpInvalid(`${path} cannot be read: ${words}.`, "Copy it to a disk that can be read.", error);
}
