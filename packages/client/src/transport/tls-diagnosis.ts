import type { TlsOptions } from "./transport.ts";

/** What happened, in words for people, and what to do next. */
export interface Diagnosis {
  readonly reason: string;
  readonly advice: string;
}

/** A dial that failed, as far as it is told from others. */
export interface FailedDial {
  readonly scheme: string;
  readonly host: string;
  readonly tls: TlsOptions;
  readonly code: string;
  readonly text: string;
  readonly firstBytes: Uint8Array;
  readonly cause: object;
  /** Whether the connection was open, and encrypted where it is to be; unknown for WebSockets. */
  readonly wasConnected: boolean;
}

const PEM_START = "-----BEGIN ";

type Pem = NonNullable<TlsOptions["ca"]>;

const pemText = (pem: Pem | undefined): string => {
  if (pem === undefined) return "";
  if (typeof pem === "string") return pem;
  if (pem instanceof Uint8Array) return new TextDecoder("latin1").decode(pem);
  return pem.map((each) => pemText(each)).join("\n");
};

const isPem = (pem: Pem): boolean => pemText(pem).includes(PEM_START);

const NOT_ITS_PATH = "give the text of the file, not its path";

/** The client's own certificate or key is of no use: nothing was sent. */
const ownDiagnosis = ({ code, text, tls }: FailedDial): Diagnosis | undefined => {
  if (code === "ERR_OSSL_X509_KEY_VALUES_MISMATCH") {
    return {
      reason: "tls.key does not belong to tls.cert",
      advice: "give the private key that the certificate was made for",
    };
  }
  if (code === "ERR_MISSING_PASSPHRASE" || /passphrase/i.test(text)) {
    return { reason: "tls.key is encrypted", advice: "give it decrypted: openssl pkey -in KEY" };
  }
  if (!code.startsWith("ERR_OSSL_")) return undefined;
  for (const name of ["cert", "key"] as const) {
    const pem = tls[name];
    if (pem !== undefined && !isPem(pem)) {
      return { reason: `tls.${name} is not in PEM form`, advice: NOT_ITS_PATH };
    }
  }
  return {
    reason: `tls.cert or tls.key cannot be read (${text})`,
    advice: "check both files, for instance with openssl x509 -in CERT and openssl pkey -in KEY",
  };
};

const UNTRUSTED: ReadonlySet<string> = new Set([
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "CERT_UNTRUSTED",
]);

const trustDiagnosis = ({ code, text, tls: { ca } }: FailedDial): Diagnosis | undefined => {
  if (!UNTRUSTED.has(code)) return undefined;
  if (ca === undefined) {
    return {
      reason: `no authority known here vouches for the broker's certificate (${text})`,
      advice: "give the certificate of the authority that signed it in tls.ca",
    };
  }
  return isPem(ca)
    ? {
        reason: `no authority in tls.ca vouches for the broker's certificate (${text})`,
        advice: "give the certificate of the authority that signed it, and those between",
      }
    : { reason: "tls.ca holds no certificate in PEM form", advice: NOT_ITS_PATH };
};

/** The names in the certificate that Node's error brings along. */
const namesIn = ({ cause }: FailedDial): string => {
  const certificate: unknown = Reflect.get(cause, "cert");
  if (typeof certificate !== "object" || certificate === null) return "other names";
  const names: unknown = Reflect.get(certificate, "subjectaltname");
  return typeof names === "string" && names !== "" ? names : "other names";
};

const certificateDiagnosis = (dial: FailedDial): Diagnosis | undefined => {
  const { code, host, tls } = dial;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return {
      reason: `the broker's certificate is for ${namesIn(dial)}, not for "${tls.servername ?? host}"`,
      advice: "use a name that is in the certificate, as host name or in tls.servername",
    };
  }
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") {
    const what = code === "CERT_HAS_EXPIRED" ? "has expired" : "is not valid yet";
    return {
      reason: `the broker's certificate ${what}`,
      advice: "renew it there, or set this machine's clock",
    };
  }
  return trustDiagnosis(dial);
};

/** The broker ended the handshake with an alert (RFC 8446 §6.2). */
const alertDiagnosis = ({ code, tls: { cert } }: FailedDial): Diagnosis | undefined => {
  const [, alert] = /^ERR_SSL_\w*ALERT_(\w+)$/.exec(code) ?? [];
  if (alert === undefined) return undefined;
  const words = alert.toLowerCase().replaceAll("_", " ");
  if (cert === undefined) {
    return {
      reason: `the broker refused the TLS handshake (${words}): it asks for a client certificate`,
      advice: "give one in tls.cert, and its private key in tls.key",
    };
  }
  return {
    reason: `the broker refused the TLS handshake (${words})`,
    advice: "check that an authority that the broker trusts has signed tls.cert, and until when",
  };
};

const isPlain = ({ text }: FailedDial): boolean =>
  /wrong version number|packet length too long|unknown protocol|http request/.test(text);

const handshakeDiagnosis = (dial: FailedDial): Diagnosis | undefined => {
  const plain = dial.scheme === "wss" ? "ws" : "mqtt";
  if (isPlain(dial)) {
    return {
      reason: "what answers there speaks no TLS",
      advice: `use ${plain}:// for that port, or the broker's port with TLS`,
    };
  }
  const isEnd = dial.code === "ECONNRESET" || dial.code === "EPIPE";
  const isInHandshake =
    dial.text.includes("before secure TLS connection") ||
    (dial.scheme === "mqtts" && !dial.wasConnected);
  if (!isEnd || !isInHandshake) return undefined;
  return {
    reason: "the connection was closed in the TLS handshake",
    advice: `if the port is one without TLS, use ${plain}://; otherwise check the broker's log`,
  };
};

/** What went wrong with TLS, if it is that. */
export const tlsDiagnosis = (dial: FailedDial): Diagnosis | undefined =>
  ownDiagnosis(dial) ??
  certificateDiagnosis(dial) ??
  alertDiagnosis(dial) ??
  handshakeDiagnosis(dial);
