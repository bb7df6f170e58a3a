import { deadlineCases } from "./deadlines.contract.ts";
import { overEveryStage } from "./stages.ts";

overEveryStage(deadlineCases);
