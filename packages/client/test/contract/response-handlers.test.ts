import { responseHandlerCases } from "./response-handlers.contract.ts";
import { overEveryStage } from "./stages.ts";

overEveryStage(responseHandlerCases);
