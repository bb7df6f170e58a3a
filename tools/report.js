// @ts-check

/**
 * @typedef {object} Result
 * @property {string} name
 * @property {boolean} ok
 * @property {string} [note] A few words beside the name.
 * @property {string} [output] What to show when it failed.
 */

/**
 * Prints one line for each result and the output of what failed; the process then ends with 1 if anything did.
 * @param {readonly Result[]} results
 */
export const report = (results) => {
  const width = Math.max(...results.map(({ name }) => name.length));
  for (const { name, ok, note = "" } of results) {
    console.log(`${ok ? "ok    " : "FAILED"} ${name.padEnd(width)}  ${note}`.trimEnd());
  }
  const failed = results.filter(({ ok }) => !ok);
  for (const { name, output } of failed) console.error(`\n--- ${name}\n${output ?? ""}`);
  if (failed.length > 0) process.exitCode = 1;
};
