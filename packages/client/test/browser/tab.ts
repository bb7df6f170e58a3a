import type { Browser, Page } from "playwright-core";

/** Kinds of messages on the console. */
const COMPLAINING: ReadonlySet<string> = new Set(["error", "warning", "assert"]);

/** An open page that remembers all that goes wrong in it. */
export class Tab {
  readonly page: Page;
  readonly #complaints: string[] = [];

  /** Opens a new one, in a session of its own. */
  static async open(browser: Browser): Promise<Tab> {
    return new Tab(await browser.newPage());
  }

  private constructor(page: Page) {
    this.page = page;
    const note = (complaint: string): void => {
      this.#complaints.push(complaint);
    };
    page.on("console", (message) => {
      if (COMPLAINING.has(message.type())) note(message.text());
    });
    page.on("pageerror", (error) => note(`nobody caught ${error.stack ?? error.message}`));
    page.on("crash", () => note("the page crashed"));
    page.on("worker", (worker) => note(`a worker was started from ${worker.url()}`));
    page.on("requestfailed", (request) => note(`${request.url()} could not be loaded`));
  }

  /**
   * What has gone wrong since this was last read: errors and warnings on the console, breaches of
   * the content security policy among them, errors that nobody caught, and workers.
   */
  takeComplaints(): readonly string[] {
    return this.#complaints.splice(0);
  }

  /**
   * Closes it.
   *
   * @throws {Error} something has gone wrong in it that nobody has taken note of.
   */
  async close(): Promise<void> {
    await this.page.close();
    const complaints = this.takeComplaints();
    if (complaints.length > 0) throw new Error(`the page complained: ${complaints.join("; ")}`);
  }
}
