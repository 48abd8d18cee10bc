/**
 * A note while it is written: saved by itself when the writer pauses, and never over what they have not seen.
 *
 *     empty ──type──► unsaved ──pause──► saving ──► saved ──type──► unsaved …
 *     saving ──somebody changed the note elsewhere──► conflict ──mine / theirs──► saving / saved
 *     saving ──the broker cannot be reached──► failed ──pause──► saving …
 */

import { type BrokerApi, BrokerRefused } from "../engineer/api";
import type { NoteAnswer } from "../engineer/api_types";

export type DraftState = "empty" | "unsaved" | "saving" | "saved" | "conflict" | "failed";

const PAUSE_MS = 1200;
const RETRY_MS = 5000;

type NotesApi = Pick<BrokerApi, "notes" | "addNote" | "changeNote">;

export class NoteDraft {
  text = $state("");
  state = $state<DraftState>("empty");
  savedAtMs = $state(0);
  failure = $state.raw<unknown>(null);
  /** What stands at the broker, where somebody changed it elsewhere. */
  theirs = $state.raw<NoteAnswer | null>(null);
  /** The note as it was saved last; null for one that the broker does not know yet. */
  note = $state.raw<NoteAnswer | null>(null);
  /** An answer was lost: the broker may have the note all the same. */
  #mayBeThere = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saving: Promise<void> = Promise.resolve();

  constructor(
    private readonly api: NotesApi,
    private readonly sessionId: string,
    private readonly now: () => number = Date.now,
  ) {}

  typed(text: string): void {
    this.text = text;
    if (this.state === "conflict") return; // first it is said which of the two stays
    this.#mark();
  }

  /** What waits for a pause is saved now. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#saving = this.#saving.then(() => this.#save());
    await this.#saving;
  }

  /** Saves, and begins another note. False where this one could not be saved: it stays. */
  async finish(): Promise<boolean> {
    await this.flush();
    if (this.state !== "saved" && this.state !== "empty") return false;
    this.#begin(null);
    return true;
  }

  /** Goes on with a note of one's own. What is being written is saved first. */
  async open(note: NoteAnswer): Promise<boolean> {
    if (!(await this.finish())) return false;
    this.#begin(note);
    return true;
  }

  /** The broker's list has come: what changed elsewhere is taken over where nothing of ours would be lost. */
  listed(notes: readonly NoteAnswer[]): void {
    const { note } = this;
    if (!note || this.state !== "saved") return;
    const there = notes.find(({ note_id }) => note_id === note.note_id);
    if (there && there.version !== note.version) this.#begin(there);
  }

  keepMine(): Promise<void> {
    this.note = this.theirs;
    this.theirs = null;
    this.#mark();
    return this.flush();
  }

  takeTheirs(): void {
    this.#begin(this.theirs);
  }

  #begin(note: NoteAnswer | null): void {
    clearTimeout(this.#timer);
    this.note = note;
    this.theirs = null;
    this.failure = null;
    this.text = note?.text ?? "";
    this.state = note ? "saved" : "empty";
    this.savedAtMs = note ? this.now() : 0;
  }

  #mark(): void {
    clearTimeout(this.#timer);
    // A note cannot be empty: what is cleared stays as it was saved, until there are words again.
    this.state = this.text.trim() ? "unsaved" : this.note ? "saved" : "empty";
    if (this.state === "unsaved") this.#timer = setTimeout(() => void this.flush(), PAUSE_MS);
  }

  async #save(): Promise<void> {
    if (this.state !== "unsaved" && this.state !== "failed") return;
    const { text, note } = this;
    this.state = "saving";
    try {
      const saved = note ? await this.api.changeNote(this.sessionId, note, text) : await this.#add(text);
      this.note = saved;
      this.failure = null;
      this.savedAtMs = this.now();
      this.state = "saved";
      if (this.text !== text) this.#mark();
    } catch (error) {
      await this.#failed(error);
    }
  }

  /** Never twice: after an answer that was lost, the broker is asked whether it has the note. */
  async #add(text: string): Promise<NoteAnswer> {
    const notes = this.#mayBeThere ? await this.api.notes(this.sessionId) : [];
    const there = notes.findLast((note) => note.changeable && note.text === text);
    this.#mayBeThere = true;
    const added = there ?? (await this.api.addNote(this.sessionId, text));
    this.#mayBeThere = false;
    return added;
  }

  async #failed(error: unknown): Promise<void> {
    this.failure = error;
    this.state = "failed";
    if (error instanceof BrokerRefused && error.code === "note-changed") {
      const notes = await this.api.notes(this.sessionId).catch(() => []);
      this.theirs = notes.find(({ note_id }) => note_id === this.note?.note_id) ?? null;
      if (this.theirs) this.state = "conflict";
      return;
    }
    // Trying again says the same, unless it was asked while nobody was signed in.
    if (error instanceof BrokerRefused && error.code !== "not-logged-in") {
      this.#mayBeThere = false;
      return;
    }
    this.#timer = setTimeout(() => void this.flush(), RETRY_MS);
  }
}
