import { describe, expect, test } from "vitest";
import {
  OptionError,
  SyncMessageHandlerBase,
  SyncRequestHandlerBase,
  SyncResponseHandlerBase,
} from "../../src/index.ts";

const asynchronous = (async () => undefined) as unknown as () => undefined;

describe("an async function as the handler of a blocking client", () => {
  test.each([
    ["SyncMessageHandlerBase", () => new SyncMessageHandlerBase({ process: asynchronous })],
    ["SyncRequestHandlerBase", () => new SyncRequestHandlerBase({ process: asynchronous })],
    ["SyncResponseHandlerBase", () => new SyncResponseHandlerBase({ process: asynchronous })],
  ])("is refused with what to do instead: %s", (_name, make) => {
    expect(make).toThrow(OptionError);
    expect(make).toThrow(/process.*async.*leave out async and await.*or use MQTTClient/);
  });
});
