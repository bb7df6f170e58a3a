import { watchingCases } from "./presence-watch.contract.ts";
import { overEveryStage } from "./stages.ts";

overEveryStage(watchingCases);
