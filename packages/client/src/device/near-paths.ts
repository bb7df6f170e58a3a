/** Longer paths are not compared: what peers ask for may be of any length. */
const LONGEST = 64;
const MOST_NAMED = 3;

/** How many letters are to be put in, left out or replaced to make one text of the other. */
const distance = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 1; i <= from.length; i += 1) {
    const char = from[i - 1];
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (char === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
};

const fold = (path: string): string => path.toLowerCase().replaceAll(/[-_ ]/g, "");

/** Those of the paths that one who asked for `path` may have meant, the nearest first. */
export const nearPaths = (path: string, paths: Iterable<string>): readonly string[] => {
  if (path.length > LONGEST) return [];
  const asked = fold(path);
  const near: { path: string; far: number }[] = [];
  for (const other of paths) {
    if (other.length > LONGEST) continue;
    const far = distance(asked, fold(other));
    const isPart = asked !== "" && other.split("/").some((segment) => fold(segment) === asked);
    if (isPart || far <= Math.max(1, Math.floor(asked.length / 3))) near.push({ path: other, far });
  }
  return near
    .toSorted((a, b) => a.far - b.far)
    .slice(0, MOST_NAMED)
    .map((found) => found.path);
};
