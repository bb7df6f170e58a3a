import { respondingCases } from "./responding.contract.ts";
import { overEveryStage } from "./stages.ts";

overEveryStage(respondingCases);
