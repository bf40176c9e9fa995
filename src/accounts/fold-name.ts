/** A name as it is counted and locked by: a column may take for the same what differs in case, accents or spaces at the end. */
export function foldName(name: string): string {
  return name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();
}
