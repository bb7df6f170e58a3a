import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

/** The host name that the server's certificate is for. */
export const SERVER_NAME = "broker.test";

/** A certificate with its private key, PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** An authority that nobody trusts by default, and whom it vouches for. */
export interface Certificates {
  /** The authority's own certificate, PEM. */
  readonly ca: string;
  readonly server: Identity;
  readonly client: Identity;
}

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Where OpenSSL is installed; `undefined` if it is not. */
export const opensslPath: string | undefined = (process.env["PATH"] ?? "")
  .split(delimiter)
  .map((folder) => join(folder, "openssl"))
  .find(isExecutable);

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
const AUTHORITY = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"];

/** Makes fresh certificates that expire tomorrow. */
export const makeCertificates = async (): Promise<Certificates> => {
  if (opensslPath === undefined) throw new Error("openssl is not on the PATH");
  const program = opensslPath;
  const folder = await mkdtemp(join(tmpdir(), "certificates-"));
  const openssl = (...args: readonly string[]) =>
    promisify(execFile)(program, [...args], { cwd: folder });
  const read = (name: string): Promise<string> => readFile(join(folder, name), "utf8");
  const issue = async (name: string, extensions: string): Promise<Identity> => {
    await writeFile(join(folder, "extensions"), extensions);
    const subject = ["-subj", `/CN=${name}`, "-keyout", "its.key", "-out", "its.csr"];
    await openssl("req", ...NEW_KEY, ...subject);
    const result = ["-days", "1", "-extfile", "extensions", "-out", "its.pem"];
    await openssl("x509", "-req", "-in", "its.csr", ...AUTHORITY, ...result);
    return { cert: await read("its.pem"), key: await read("its.key") };
  };
  try {
    const authority = ["-subj", "/CN=test authority", "-keyout", "ca.key", "-out", "ca.pem"];
    await openssl("req", "-x509", ...NEW_KEY, "-days", "1", ...authority);
    return {
      ca: await read("ca.pem"),
      server: await issue("server", `subjectAltName=DNS:${SERVER_NAME}`),
      client: await issue("client", "extendedKeyUsage=clientAuth"),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
