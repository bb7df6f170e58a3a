import { drainCases } from "./drain.contract.ts";
import { overEveryStage } from "./stages.ts";

overEveryStage(drainCases);
