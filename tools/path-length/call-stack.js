// @ts-check

/** What stands for "no class" where a function is called without an object of one. */
const NO_CLASS = new Set(["Object", "Function", "Array", "Promise", "process", "global"]);

/**
 * The classes on the stack, from the caller to here, of functions in files below a folder: a class that calls
 * itself, or a function without a class in between, counts as no step.
 * @param {string} folder URL
 * @returns {readonly string[]}
 */
export const classesOnStack = (folder) => {
  const { stackTraceLimit } = Error;
  const prepareStackTrace = /** @type {unknown} */ (Reflect.get(Error, "prepareStackTrace"));
  Error.stackTraceLimit = Infinity;
  Error.prepareStackTrace = (_error, sites) => sites;
  const sites = /** @type {NodeJS.CallSite[]} */ (/** @type {unknown} */ (new Error("").stack));
  Object.assign(Error, { prepareStackTrace, stackTraceLimit });
  const classes = sites
    .filter((site) => site.getFileName()?.startsWith(folder))
    .map((site) => site.getTypeName())
    .filter((name) => name !== null && !NO_CLASS.has(name))
    .toReversed();
  return classes.filter((name, index) => name !== classes[index - 1]).map(String);
};
