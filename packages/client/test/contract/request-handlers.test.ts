import { requestHandlerCases } from "./request-handlers.contract.ts";
import { overEveryStage } from "./stages.ts";

overEveryStage(requestHandlerCases);
