const kSeconds = 30;
const kAveraged = 5;

/** Counts events by the second for the rate pill. */
export class RateMeter {
  private current = 0;
  private readonly past: number[] = [];

  count(): void {
    this.current++;
  }

  /** Ends one second. Called once a second. */
  tick(): void {
    this.past.push(this.current);
    if (this.past.length > kSeconds) this.past.shift();
    this.current = 0;
  }

  /** Events a second, over the last few. */
  rate(): number {
    const latest = this.past.slice(-kAveraged);
    if (latest.length === 0) return 0;
    return Math.round(latest.reduce((sum, count) => sum + count, 0) / latest.length);
  }

  /** One figure a second, oldest first. */
  history(): readonly number[] {
    return this.past;
  }
}
