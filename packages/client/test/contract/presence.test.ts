import { announcingCases } from "./presence.contract.ts";
import { overEveryStage } from "./stages.ts";

overEveryStage(announcingCases);
