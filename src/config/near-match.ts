/** How many single-character edits turn one text into the other (Levenshtein), without regard to case. */
export function editDistance(left: string, right: string): number {
  const [a, b] = [left.toLowerCase(), right.toLowerCase()];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The candidates a person may have meant, nearest first: few edits away, or one holding the other. */
export function nearMatches(wanted: string, candidates: readonly string[], most = 3): string[] {
  const limit = Math.max(2, Math.floor(wanted.length / 3));
  const holds = (candidate: string) => {
    const [short, long] = [candidate.toLowerCase(), wanted.toLowerCase()].sort((x, y) => x.length - y.length);
    return (short ?? "").length >= 3 && (long ?? "").includes(short ?? "");
  };
  return candidates
    .map((candidate) => ({ candidate, distance: editDistance(wanted, candidate) }))
    .filter(({ candidate, distance }) => distance <= limit || holds(candidate))
    .sort((x, y) => x.distance - y.distance)
    .slice(0, most)
    .map(({ candidate }) => candidate);
}
