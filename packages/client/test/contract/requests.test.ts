import { requestCases } from "./requests.contract.ts";
import { overEveryStage } from "./stages.ts";

overEveryStage(requestCases);
