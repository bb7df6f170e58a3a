import { ResourceRouter, changed, created } from "gf-mqtt-client";
import { seededRandom } from "gf-mqtt-client/testing";
import * as v from "valibot";

import { CHANNELS, Instrument, MOST_SAMPLES } from "./instrument.ts";

/** The part of the device that the instrument is. */
const INSTRUMENT_SUBSYSTEM = "axuv";

/** What a simulated instrument is made with. */
export interface InstrumentOptions {
  /**
   * Of its noise: the same for the same seed.
   * @default 1
   */
  readonly seed?: number;
  /**
   * What time it is, in epoch ms.
   * @default the machine's clock
   */
  readonly now?: () => number;
  /**
   * The address that it tells.
   * @default "127.0.0.1"
   */
  readonly ip?: string;
}

const Gains = v.pipe(
  v.array(v.pipe(v.number(), v.minValue(0), v.maxValue(32))),
  v.length(CHANNELS),
);
const SampleRate = v.pipe(v.number(), v.minValue(1_000), v.maxValue(10_000_000));
const DataLength = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MOST_SAMPLES));
const Status = v.object({
  state: v.picklist(["IDLE", "ARMED", "TRIGGERED"]),
  last_update: v.number(),
});

/**
 * The resources of a simulated data-acquisition board, to be added to a client as a handler.
 *
 * @example
 * ```ts
 * const client = new MQTTClient({ broker: "localhost", identifier: "2D_XX_0_9999" });
 * client.addMessageHandler(createInstrument({ seed: 7 }));
 * await client.connect();
 * ```
 */
export const createInstrument = (options: InstrumentOptions = {}): ResourceRouter => {
  const { seed = 1, now = Date.now, ip = "127.0.0.1" } = options;
  const instrument = new Instrument({ now, random: seededRandom(seed) });
  const router = new ResourceRouter({ subsystem: INSTRUMENT_SUBSYSTEM });

  const gains = { title: "Amplification per channel", response: Gains };
  router.get("gains", gains, () => [...instrument.gains]);
  router.put("gains", { body: Gains }, ({ body }) => {
    instrument.gains = body;
  });
  const sampleRate = { title: "Samples per second", unit: "Hz", response: SampleRate };
  router.get("sample_rate", sampleRate, () => instrument.sampleRate);
  router.put("sample_rate", { body: SampleRate }, ({ body }) => {
    instrument.sampleRate = body;
  });
  const dataLength = { title: "Samples per channel", response: DataLength };
  router.get("data_length", dataLength, () => instrument.dataLength);
  router.put("data_length", { body: DataLength }, ({ body }) => {
    instrument.dataLength = body;
  });

  router.get("status", { title: "What it is doing", response: Status }, () => instrument.status);
  router.get("ip", { title: "Its address" }, () => ip);
  router.get("firmware_version", { title: "Version of its firmware" }, () => "1.0.0-simulated");

  router.post("arm", { title: "Wait for a trigger" }, () => {
    instrument.arm();
    return changed();
  });
  router.post("trigger", { title: "Record once" }, () => {
    instrument.trigger();
    return changed();
  });
  router.get("data", { title: "What was recorded", unit: "mV" }, () => instrument.recording);

  router.post("resources", { title: "Keep a value" }, ({ body }) =>
    created(`resources/${instrument.create(body)}`),
  );
  router.get("resources/:id", ({ params }) => instrument.read(params.id));
  router.put("resources/:id", ({ params, body }) => {
    instrument.replace(params.id, body);
  });
  router.delete("resources/:id", ({ params }) => {
    instrument.delete(params.id);
  });
  return router;
};
