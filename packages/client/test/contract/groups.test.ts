import { groupCases } from "./groups.contract.ts";
import { overEveryStage } from "./stages.ts";

overEveryStage(groupCases);
