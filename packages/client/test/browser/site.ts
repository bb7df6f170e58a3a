import { createServer } from "node:http";
import { listenLocally } from "../support/local-server.ts";
import { bundleScript } from "./bundle.ts";

/** Where the page is served. */
export interface Site {
  readonly port: number;
  close(): Promise<void>;
}

/** Scripts of its own, WebSockets to this machine, nothing else: no worker, eval, inline script. */
const POLICY = "default-src 'none'; script-src 'self'; connect-src ws://127.0.0.1:*";
const SCRIPT = "/page.js";
/** Where the page can load what it says of the blocking client. */
export const SYNC_SCRIPT = "/sync-page.js";
const DOCUMENT = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>gf-mqtt-client</title>
    <script type="module" src="${SCRIPT}"></script>
  </head>
</html>
`;

/** Serves the scripts in `page/`, bundled with the built library and minified, under a strict policy. */
export const serveSite = async (): Promise<Site> => {
  const page = await bundleScript("page/page.ts", { minify: true });
  const syncPage = await bundleScript("page/sync-page.ts", { minify: true });
  const files = new Map([
    ["/", { type: "text/html", content: DOCUMENT }],
    [SCRIPT, { type: "text/javascript", content: page.code }],
    [SYNC_SCRIPT, { type: "text/javascript", content: syncPage.code }],
  ]);
  const server = createServer((request, response) => {
    const file = files.get(request.url ?? "");
    response.writeHead(file === undefined ? 404 : 200, {
      "content-security-policy": POLICY,
      "content-type": `${file?.type ?? "text/plain"}; charset=utf-8`,
    });
    response.end(file?.content);
  });
  const { port, close } = await listenLocally(server);
  return { port, close };
};
