import { publishingCases } from "./publishing.contract.ts";
import { overEveryStage } from "./stages.ts";

overEveryStage(publishingCases);
