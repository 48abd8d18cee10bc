/** What somebody asked for with a button: whether it is under way, and why the last try failed. */
export class Attempt {
  isBusy = $state(false);
  failure = $state.raw<unknown>(null);

  /** Does not reject: what went wrong is to be read in `failure`. */
  async run(work: () => Promise<void>): Promise<void> {
    this.isBusy = true;
    this.failure = null;
    try {
      await work();
    } catch (error) {
      this.failure = error;
    }
    this.isBusy = false;
  }
}
