import { repeatCases } from "./repeats.contract.ts";
import { overEveryStage } from "./stages.ts";

overEveryStage(repeatCases);
