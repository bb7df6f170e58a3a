import { codeCases } from "./codes.contract.ts";
import { overEveryStage } from "./stages.ts";

overEveryStage(codeCases);
