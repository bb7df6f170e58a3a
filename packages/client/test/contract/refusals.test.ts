import { refusalCases } from "./refusals.contract.ts";
import { overEveryStage } from "./stages.ts";

overEveryStage(refusalCases);
