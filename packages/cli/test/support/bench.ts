import type { MQTTClient } from "gf-mqtt-client";
import { startDevBroker } from "gf-mqtt-dev-broker";

import { startInstrument } from "../../src/instrument/start-instrument.ts";
import { mosquittoPath, startMosquitto } from "../../../client/test/support/mosquitto.ts";

/** A broker with a simulated instrument. */
export interface Bench extends AsyncDisposable {
  readonly url: string;
  readonly device: MQTTClient;
}

type StartBroker = () => Promise<AsyncDisposable & { readonly url: string }>;

/** The brokers that commands are tried against. */
export const BROKERS: readonly {
  readonly name: string;
  readonly start: StartBroker;
  readonly isMissing: boolean;
}[] = [
  { name: "embedded broker", start: () => startDevBroker(), isMissing: false },
  { name: "Mosquitto", start: () => startMosquitto(), isMissing: mosquittoPath === undefined },
];

/** Starts a broker and an instrument that is called 2D_XX_0_9999. */
export const startBench = async (start: StartBroker = () => startDevBroker()): Promise<Bench> => {
  const broker = await start();
  const device = await startInstrument(broker.url);
  return {
    url: broker.url,
    device,
    [Symbol.asyncDispose]: async () => {
      await device.disconnect();
      await broker[Symbol.asyncDispose]();
    },
  };
};
