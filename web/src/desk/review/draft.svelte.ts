/** A review that is being written: saved a moment after each change, so that nothing of it is lost. */

import type { AuditApi } from "../api";
import type { Answer, Criterion, WholeReviewAnswer } from "../api_types";

const SAVED_AFTER_MS = 800;

export type Judgement = { points: number | null | undefined; at_ms: number | null; note: string };

export class Draft {
  comment = $state("");
  judgements = $state<Record<string, Judgement>>({});
  state = $state<"unchanged" | "unsaved" | "saving" | "saved">("unchanged");
  failure = $state<unknown>(null);
  readonly criteria: readonly Criterion[];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saving: Promise<unknown> = Promise.resolve();

  constructor(
    readonly api: Pick<AuditApi, "save" | "submit">,
    readonly review: WholeReviewAnswer,
  ) {
    this.criteria = review.scorecard.criteria;
    this.comment = review.comment;
    const given = new Map(review.answers.map((answer) => [answer.criterion, answer]));
    for (const { id } of this.criteria) {
      const answer = given.get(id);
      this.judgements[id] = { points: answer?.points, at_ms: answer?.at_ms ?? null, note: answer?.note ?? "" };
    }
  }

  /** Undefined points: not judged yet. Null: does not apply. */
  get answers(): Answer[] {
    return this.criteria.flatMap(({ id }) => {
      const { points, at_ms, note } = this.of(id);
      return points === undefined ? [] : [{ criterion: id, points, at_ms, note }];
    });
  }

  get isWhole(): boolean {
    return this.answers.length === this.criteria.length;
  }

  of(criterion: string): Judgement {
    return this.judgements[criterion] ?? { points: undefined, at_ms: null, note: "" };
  }

  change(criterion: string, change: Partial<Judgement>): void {
    this.judgements[criterion] = { ...this.of(criterion), ...change };
    this.touched();
  }

  touched(): void {
    this.state = "unsaved";
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.save(), SAVED_AFTER_MS);
  }

  /** One after the other, so that an older draft never overwrites a newer one. */
  save(): Promise<unknown> {
    clearTimeout(this.#timer);
    if (this.state === "unchanged") return this.#saving;
    this.#saving = this.#saving.then(async () => {
      this.state = "saving";
      this.failure = null;
      try {
        await this.api.save(this.review.review_id, { answers: this.answers, comment: this.comment });
        if (this.state === "saving") this.state = "saved";
      } catch (error) {
        this.state = "unsaved";
        this.failure = error;
      }
    });
    return this.#saving;
  }

  /** For good. Throws as the service refuses. */
  async submit(): Promise<WholeReviewAnswer> {
    clearTimeout(this.#timer);
    await this.#saving;
    const submitted = await this.api.submit(this.review.review_id, { answers: this.answers, comment: this.comment });
    this.state = "unchanged";
    return submitted;
  }
}
