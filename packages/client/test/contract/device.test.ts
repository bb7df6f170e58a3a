import { deviceCases } from "./device.contract.ts";
import { overEveryStage } from "./stages.ts";

overEveryStage(deviceCases);
