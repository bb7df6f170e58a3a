import { badInputCases } from "./bad-input.contract.ts";
import { overEveryStage } from "./stages.ts";

overEveryStage(badInputCases);
