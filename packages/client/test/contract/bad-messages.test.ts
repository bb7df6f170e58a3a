import { badMessageCases } from "./bad-messages.contract.ts";
import { overEveryStage } from "./stages.ts";

overEveryStage(badMessageCases);
