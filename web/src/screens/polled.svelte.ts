/**
 * What the broker says, asked again every so often while somebody looks: an answer that was overtaken by a later question's
 * is of before. Belongs into a component's initialisation.
 */
export function polled<T>(ask: () => Promise<T>, everyMs: number) {
  let current = $state.raw<{ readonly value: T | null; readonly failure: unknown }>({ value: null, failure: null });

  let asked = 0;
  let answered = 0;

  async function again(): Promise<void> {
    if (document.hidden) return;
    const question = ++asked;
    try {
      show(question, { value: await ask(), failure: null });
    } catch (failure) {
      show(question, { value: current.value, failure });
    }
  }

  function show(question: number, answer: typeof current): void {
    if (question < answered) return;
    answered = question;
    current = answer;
  }

  $effect(() => {
    void again();
    const timer = setInterval(again, everyMs);
    document.addEventListener("visibilitychange", again);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", again);
    };
  });

  return {
    get value(): T | null {
      return current.value;
    },
    get failure(): unknown {
      return current.failure;
    },
    again,
  };
}
