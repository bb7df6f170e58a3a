// @ts-check
import { posix } from "node:path";

const LINK = /\[([^\]]+)\]\((?!https?:|mailto:|#)([^)#]+)(#[^)]*)?\)/g;

/** Where the relative links of a document lead, as paths beside the document. @param {string} document */
export const localLinksOf = (document) =>
  [...document.matchAll(LINK)].map(([, , path = ""]) => decodeURI(path));

/**
 * A document of the repository as it reads in the package: a link to what the package lacks becomes its text, with
 * the path in the repository behind it.
 * @param {string} document
 * @param {{ path: string, isPackaged: (path: string) => boolean }} place Paths are from the repository's folder.
 */
export const toPackaged = (document, { path, isPackaged }) =>
  document.replaceAll(LINK, (link, text, target) => {
    const linked = posix.join(posix.dirname(path), target);
    if (isPackaged(linked)) return link;
    return text.replaceAll("`", "") === linked ? text : `${text} (${linked})`;
  });
