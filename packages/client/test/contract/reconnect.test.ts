import { reconnectCases } from "./reconnect.contract.ts";
import { overEveryStage } from "./stages.ts";

overEveryStage(reconnectCases);
