import { connectionCases } from "./connection.contract.ts";
import { overEveryStage } from "./stages.ts";

overEveryStage(connectionCases);
