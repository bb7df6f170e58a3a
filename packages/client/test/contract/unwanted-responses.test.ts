import { overEveryStage } from "./stages.ts";
import { unwantedResponseCases } from "./unwanted-responses.contract.ts";

overEveryStage(unwantedResponseCases);
