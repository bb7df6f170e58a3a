import { overloadCases } from "./overload.contract.ts";
import { overEveryStage } from "./stages.ts";

overEveryStage(overloadCases);
