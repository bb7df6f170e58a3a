export { createInstrument } from "./instrument/instrument-router.ts";
export type { InstrumentOptions } from "./instrument/instrument-router.ts";
