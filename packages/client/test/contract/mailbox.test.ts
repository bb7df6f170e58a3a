import { mailboxCases } from "./mailbox.contract.ts";
import { overEveryStage } from "./stages.ts";

overEveryStage(mailboxCases);
