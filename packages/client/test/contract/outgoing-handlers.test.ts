import { outgoingHandlerCases } from "./outgoing-handlers.contract.ts";
import { overEveryStage } from "./stages.ts";

overEveryStage(outgoingHandlerCases);
