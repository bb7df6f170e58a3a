// @ts-check

/**
 * @typedef {object} LockedPackage
 * @property {string} [version]
 * @property {boolean} [dev]
 * @property {boolean} [optional]
 * @property {readonly string[]} [os]
 * @property {readonly string[]} [cpu]
 * @property {readonly string[]} [libc]
 * @property {Readonly<Record<string, string>>} [optionalDependencies]
 */

/** @typedef {Record<string, LockedPackage>} LockedPackages Keyed by where the package is installed. */

/**
 * @typedef {object} MissingPackage
 * @property {string} name
 * @property {string} version As its dependent asks for it.
 * @property {string} dependent Where the package that asks for it is installed.
 * @property {boolean} dev Whether that one is for development only.
 */

const MODULES = "node_modules/";

/** The folders in which Node looks for what `path` imports, from the nearest on. @param {string} path */
const searchedFolders = (path) => {
  const parts = `${path}/${MODULES}`.split(MODULES).slice(0, -1);
  return parts.map((_, end) => `${parts.slice(0, end + 1).join(MODULES)}${MODULES}`).toReversed();
};

/**
 * Optional dependencies that the lock names and does not hold. npm leaves out packages for other
 * platforms when the registry in use has them not; `npm ci` then refuses the lock on every platform.
 * @param {LockedPackages} packages
 * @returns {readonly MissingPackage[]}
 */
export const missingFromLock = (packages) =>
  Object.entries(packages).flatMap(([dependent, { dev = false, optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !searchedFolders(dependent).some((folder) => folder + name in packages))
      .map(([name, version]) => ({ name, version, dependent, dev })),
  );

const PLATFORM =
  /[/-](aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)-(arm|arm64|ia32|loong64|mips64el|ppc64|riscv64|s390x|x64)(?:-(\w+))?$/;
/** @type {Readonly<Record<string, string>>} */
const LIBC = { gnu: "glibc", musl: "musl" };

/**
 * The lock's entry for a package that is made for one platform and says so in its name.
 * @param {MissingPackage} missing
 * @returns {LockedPackage}
 */
export const entryFor = ({ name, version, dependent, dev }) => {
  const [, os, cpu, abi = ""] = PLATFORM.exec(name) ?? [];
  if (os === undefined || cpu === undefined || !/^\d+\.\d+\.\d+[\w.-]*$/.test(version)) {
    throw new Error(
      `cannot tell the platform or the version of ${name}@${version}, for ${dependent}`,
    );
  }
  const libc = LIBC[abi];
  return {
    version,
    cpu: [cpu],
    ...(dev ? { dev } : {}),
    ...(libc === undefined ? {} : { libc: [libc] }),
    optional: true,
    os: [os],
  };
};
