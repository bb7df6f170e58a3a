import { MQTTClient } from "gf-mqtt-client";

import { createInstrument } from "./instrument-router.ts";

/** What the simulated instrument is called where nobody names it. */
export const INSTRUMENT = "2D_XX_0_9999";

/** Connects a simulated instrument that announces itself. */
export const startInstrument = async (broker: string): Promise<MQTTClient> => {
  const device = new MQTTClient({ broker, identifier: INSTRUMENT, presence: true });
  device.addMessageHandler(createInstrument());
  return device.connect();
};
