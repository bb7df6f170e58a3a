// @ts-check

const LINK = /\[([^\]]+)\]\((?!https?:|#)([^)]+)\)/g;

/**
 * The README of the repository as it reads in the package, which has none of the files that it links
 * to: a link becomes its text, with the path in the repository behind it.
 * @param {string} readme
 */
export const toPackageReadme = (readme) =>
  readme.replaceAll(LINK, (_link, text, path) => (text === path ? text : `${text} (${path})`));
